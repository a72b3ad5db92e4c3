namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>How far a question is followed back. What lies beyond is said to be cut off, never left out in silence.</summary>
/// <param name="Chains">Most chains, the one asked about included.</param>
/// <param name="Depth">Most steps from it.</param>
public sealed record AncestryLimits(int Chains, int Depth)
{
    /// <summary>2,048 chains, 64 steps.</summary>
    public static AncestryLimits Default { get; } = new(2048, 64);
}

/// <summary>Where following back stopped.</summary>
/// <param name="Chain">The chain that was not followed, or not followed further.</param>
/// <param name="Reason">Why.</param>
public sealed record CutOff(string Chain, CutOffReason Reason);

/// <summary>Why following back stopped.</summary>
public enum CutOffReason
{
    /// <summary>It is more steps away than were asked for.</summary>
    Depth,

    /// <summary>As many chains were reached as were asked for.</summary>
    Chains,

    /// <summary>It was mixed so often that its shares are no longer carried exactly: what it holds is not traced further back.</summary>
    TooFine,
}
