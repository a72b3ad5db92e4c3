using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>A name in another system was wrong, or is no longer the battery's: it leads here no more and may be given to another.</summary>
[Description("A name in another system is no longer the battery's.")]
public sealed record AliasStruck : BatteryEvent
{
    [Structural("Naming system.")]
    [Text(Pattern = "^[a-z][a-z0-9-]{0,31}$")]
    [Example("gbt34014")]
    public required string Scheme { get; init; }

    [Structural("The name.")]
    [Text(Pattern = "^[!-~]{1,100}$")]
    [Example("04QPE28D0000BDGB20000001")]
    public required string Value { get; init; }

    [Informative("Why.")]
    [Example("Read from the wrong label.")]
    public required string Reason { get; init; }

    // Also of a battery that ended: whoever scans the code must not land on the wrong one.
    protected override IReadOnlyList<BatteryStage> When => [.. Alive, BatteryStage.Released, BatteryStage.Ended];

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        battery.Aliases.Any(a => a.Scheme == Scheme && a.Value == Value) ? null : new Refusal(RefusalCode.AlreadySo, "The battery has no such name.");

    protected override BatteryState Apply(BatteryState battery, Situation now)
    {
        var struck = battery.Aliases.First(a => a.Scheme == Scheme && a.Value == Value);
        now.Claim(struck.ClaimOn(battery.Subject), null);
        return battery with { Aliases = [.. battery.Aliases.Where(a => a != struck)] };
    }
}
