namespace CriticalMinerals.Lifecycle;

/// <summary>What became of a candidate.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>It stands in the log at this index.</summary>
    public sealed record Admitted(long Index) : Decision;

    /// <summary>The same bytes stood there already: a retry, answered with the same index.</summary>
    public sealed record Repeated(long Index) : Decision;

    /// <summary>It was refused and changed nothing.</summary>
    public sealed record Refused(Refusal Refusal) : Decision
    {
        /// <summary>Whether its author may write on this chain, and something else was wrong: then it may also know where the chain stands.</summary>
        public bool MayWrite { get; init; }
    }
}
