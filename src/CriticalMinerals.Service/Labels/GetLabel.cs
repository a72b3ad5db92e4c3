using CriticalMinerals.Service.Passports;
using Wolverine.Http;

namespace CriticalMinerals.Service.Labels;

/// <summary>The QR code of a battery, as its maker prints it.</summary>
public static class GetLabel
{
    /// <summary>By GTIN and serial number.</summary>
    [WolverineGet("/01/{gtin}/21/{serial}/label")]
    public static Task<IResult> SerialisedAsync(string gtin, string serial, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.LabelAsync(BatteryName.Serialised(gtin, serial, out var problem), problem, context);

    /// <summary>By asset number.</summary>
    [WolverineGet("/8004/{giai}/label")]
    public static Task<IResult> AssetAsync(string giai, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.LabelAsync(BatteryName.Asset(giai, out var problem), problem, context);

    /// <summary>By UUID.</summary>
    [WolverineGet("/id/{uuid}/label")]
    public static Task<IResult> UuidAsync(string uuid, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.LabelAsync(BatteryName.Uuid(uuid, out var problem), problem, context);
}
