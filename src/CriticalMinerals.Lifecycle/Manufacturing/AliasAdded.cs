using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The battery has a further name in another system: a national code, a registry number.</summary>
[Description("The battery has a further name in another system.")]
public sealed record AliasAdded : BatteryEvent
{
    [Structural("The name.")]
    public required Alias Alias { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    public override void Need(Needs needs, Entry entry) => Naming.Need(needs, [Alias]);

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        battery.Aliases.Any(a => a.Scheme == Alias.Scheme && a.Value == Alias.Value)
            ? new Refusal(RefusalCode.AlreadySo, $"{Alias.Scheme} {Alias.Value} is a name of this battery already.")
            : Naming.Check(now, [Alias]);

    protected override BatteryState Apply(BatteryState battery, Situation now)
    {
        Naming.Claim(now, [Alias]);
        return battery with { Aliases = [.. battery.Aliases, Alias] };
    }
}
