using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>What must be loaded into a <see cref="LedgerState"/> before some entries can be decided: known from the entries alone, so one round of reads serves a batch.</summary>
public sealed class Needs
{
    /// <summary>Chains by name; those that do not exist yet included.</summary>
    public HashSet<string> Chains { get; } = new(StringComparer.Ordinal);

    /// <summary>Entries by leaf hash.</summary>
    public HashSet<Digest> Entries { get; } = [];

    /// <summary>Lines by giving entry and number.</summary>
    public HashSet<(Digest Entry, int Line)> Lines { get; } = [];

    /// <summary>Digests of key id and <c>jti</c>.</summary>
    public HashSet<Digest> Ids { get; } = [];

    /// <summary>Names in the whole log (<see cref="ClaimName"/>).</summary>
    public HashSet<string> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Prefixes whose beginnings and continuations must be known.</summary>
    public HashSet<(string Scheme, string Prefix)> Grants { get; } = [];

    /// <summary>Entries by leaf hash, with the disclosures that are kept.</summary>
    public HashSet<Digest> Disclosed { get; } = [];

    /// <summary>Adds what one candidate needs.</summary>
    public void Add(Candidate candidate)
    {
        var entry = candidate.Signed.Entry;
        Chains.Add(Names.LogChain(entry.Origin));
        Chains.Add(entry.Subject);
        if (entry.Subject.EndsWith(Names.GrantsSuffix, StringComparison.Ordinal))
        {
            Chains.Add(entry.Subject[..^Names.GrantsSuffix.Length]);
        }

        Chains.Add(entry.Issuer);
        Chains.Add(entry.Actor);
        Chains.Add(Names.GrantsChain(entry.Actor));
        Entries.Add(entry.LeafHash);
        Ids.Add(LedgerState.EntryKey(entry));
        foreach (var taken in entry.Taken)
        {
            Lines.Add((taken.Entry, taken.Line));
        }

        foreach (var reference in entry.References)
        {
            Entries.Add(reference.Entry);
            Chains.Add(reference.Subject);
        }

        candidate.Event.Need(this, entry);
    }

    /// <summary>Adds what others need.</summary>
    public void Add(Needs others)
    {
        Chains.UnionWith(others.Chains);
        Entries.UnionWith(others.Entries);
        Lines.UnionWith(others.Lines);
        Ids.UnionWith(others.Ids);
        Claims.UnionWith(others.Claims);
        Grants.UnionWith(others.Grants);
        Disclosed.UnionWith(others.Disclosed);
    }

    /// <summary>What is needed beyond what is known.</summary>
    public Needs Except(Needs known)
    {
        var rest = new Needs();
        rest.Add(this);
        rest.Chains.ExceptWith(known.Chains);
        rest.Entries.ExceptWith(known.Entries);
        rest.Lines.ExceptWith(known.Lines);
        rest.Ids.ExceptWith(known.Ids);
        rest.Claims.ExceptWith(known.Claims);
        rest.Grants.ExceptWith(known.Grants);

        // What is kept can be erased between two batches: it is read each time.
        return rest;
    }
}
