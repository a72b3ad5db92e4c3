using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority withdraws a role; what was said under it stays.</summary>
[Description("The authority withdraws a role from an operator.")]
public sealed record RoleWithdrawn : LifecycleEvent
{
    [Structural("The role.")]
    public required Role Role { get; init; }

    public override Refusal? Check(Situation now) =>
        ((OperatorState)now.Chain!).Roles.Contains(Role) ? null : new Refusal(RefusalCode.AlreadySo, "The operator does not have this role.");

    public override ChainState Apply(Situation now)
    {
        var before = (OperatorState)now.Chain!;
        return before with { Roles = [.. before.Roles.Where(r => r != Role)] };
    }
}
