using Wolverine.Http;

namespace CriticalMinerals.Service.Passports;

/// <summary>
/// The addresses that stand on batteries. Trailing slashes are passed over, the scheme and host of the request mean nothing; the form of the answer
/// follows <c>Accept</c> or <c>linkType</c>, its moment <c>at</c>.
/// </summary>
public static class GetPassport
{
    /// <summary>By GTIN and serial number.</summary>
    [WolverineGet("/01/{gtin}/21/{serial}")]
    public static Task<IResult> SerialisedAsync(string gtin, string serial, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.PassportAsync(BatteryName.Serialised(gtin, serial, out var problem), problem, context);

    /// <summary>By asset number.</summary>
    [WolverineGet("/8004/{giai}")]
    public static Task<IResult> AssetAsync(string giai, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.PassportAsync(BatteryName.Asset(giai, out var problem), problem, context);

    /// <summary>By UUID.</summary>
    [WolverineGet("/id/{uuid}")]
    public static Task<IResult> UuidAsync(string uuid, HttpContext context, [NotBody] PassportAnswers answers) =>
        answers.PassportAsync(BatteryName.Uuid(uuid, out var problem), problem, context);

    /// <summary>By another system's name.</summary>
    [WolverineGet("/alias/{scheme}/{value}")]
    public static Task<IResult> AliasAsync(string scheme, string value, HttpContext context, [NotBody] PassportAnswers answers) => answers.AliasAsync(scheme, value, context);
}
