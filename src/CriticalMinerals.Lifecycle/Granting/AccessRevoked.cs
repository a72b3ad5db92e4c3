using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Granting;

/// <summary>A grant on this battery ends before its day. What was read meanwhile stays read.</summary>
[Description("A party's access to this battery's restricted data ends; ref names the entry that granted it.")]
public sealed record AccessRevoked : BatteryEvent
{
    protected override IReadOnlyList<BatteryStage> When => [.. Alive, BatteryStage.Released, BatteryStage.Ended];

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        now.Entry.References is not [var reference] || reference.Subject != now.Entry.Subject
            ? new Refusal(RefusalCode.ReferenceMissing, "ref names the access-granted.v1 entry of this chain that ends.")
            : battery.Access.Any(a => a.Entry == reference.Entry)
                ? null
                : new Refusal(RefusalCode.AlreadySo, "The entry referenced is no grant in force.");

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        battery with { Access = [.. battery.Access.Where(a => a.Entry != now.Entry.References[0].Entry)] };
}
