namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// Chain of custody models of ISO 22095, from the strongest claim to the weakest. Along a way the claim is that of the weakest step: it may be downgraded and
/// never upgraded.
/// </summary>
public enum CustodyModel
{
    /// <summary>One source, never mixed.</summary>
    IdentityPreserved,

    /// <summary>Several sources that all carry the claim.</summary>
    Segregated,

    /// <summary>Mixed with others in a ratio known for each batch.</summary>
    ControlledBlending,

    /// <summary>The average of what went into a site over a period.</summary>
    MassBalanceRollingAverage,

    /// <summary>Credits of an account, assigned to what leaves.</summary>
    MassBalanceCredit,

    /// <summary>A certificate, no physical link.</summary>
    BookAndClaim,
}
