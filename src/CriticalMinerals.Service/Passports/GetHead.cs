using Wolverine.Http;

namespace CriticalMinerals.Service.Passports;

/// <summary>The signed statement which entry of a battery's chain is its newest: what a reader keeps to prove later what it was shown.</summary>
public static class GetHead
{
    /// <summary>By GTIN and serial number.</summary>
    [WolverineGet("/01/{gtin}/21/{serial}/head")]
    public static Task<IResult> SerialisedAsync(string gtin, string serial, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.HeadAsync(BatteryName.Serialised(gtin, serial, out var problem), problem, context);

    /// <summary>By asset number.</summary>
    [WolverineGet("/8004/{giai}/head")]
    public static Task<IResult> AssetAsync(string giai, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.HeadAsync(BatteryName.Asset(giai, out var problem), problem, context);

    /// <summary>By UUID.</summary>
    [WolverineGet("/id/{uuid}/head")]
    public static Task<IResult> UuidAsync(string uuid, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.HeadAsync(BatteryName.Uuid(uuid, out var problem), problem, context);
}
