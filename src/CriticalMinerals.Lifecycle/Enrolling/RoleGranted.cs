using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority grants a further role.</summary>
[Description("The authority grants an operator a further role.")]
public sealed record RoleGranted : LifecycleEvent
{
    [Structural("The role.")]
    public required Role Role { get; init; }

    public override Refusal? Check(Situation now) =>
        ((OperatorState)now.Chain!).Roles.Contains(Role) ? new Refusal(RefusalCode.AlreadySo, "The operator has this role already.") : null;

    public override ChainState Apply(Situation now)
    {
        var before = (OperatorState)now.Chain!;
        return before with { Roles = [.. before.Roles, Role] };
    }
}
