using System.Text.Json.Serialization;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Registry;

/// <summary>An operator as the log's public chains show it: who it is, what it may say and name, with which keys, and whether it may say anything now.</summary>
public sealed record EnrolledOperator
{
    /// <summary>Its DID.</summary>
    public required string Did { get; init; }

    /// <summary>Name of the firm or authority, as corrected; none for a natural person, whose name is a disclosure.</summary>
    public string? Name { get; init; }

    /// <summary>What it is enrolled to do.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Whether the authority has suspended it.</summary>
    public required bool Suspended { get; init; }

    /// <summary>All keys that it ever had, in the order in which they were added.</summary>
    public required IReadOnlyList<OperatorKey> Keys { get; init; }

    /// <summary>Prefixes that it holds.</summary>
    public required IReadOnlyList<GrantedIdentifier> Identifiers { get; init; }

    /// <summary>Index of the entry that enrolled it.</summary>
    public required long Since { get; init; }

    /// <summary>When the log recorded that.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Keys that sign now, were it not for a suspension.</summary>
    [JsonIgnore]
    public IEnumerable<OperatorKey> GoodKeys => Keys.Where(key => key.IsGood);

    /// <summary>Puts together what its chains say.</summary>
    /// <param name="state">Its folded state.</param>
    /// <param name="grants">That of its grants chain; null when it has none.</param>
    /// <param name="logKeys">Keys of the log: one that a stranger had takes those that it added with it.</param>
    /// <param name="chain">The entries of its own chain, in order, from the first. No disclosure of them is read.</param>
    public static EnrolledOperator Of(OperatorState state, GrantsState? grants, KeyRing logKeys, IReadOnlyList<RecordedEntry> chain)
    {
        var shown = chain.Select(entry => entry with { Signed = entry.Signed.WithoutDisclosures() }).ToList();
        var signers = new PassportSigners(new Dictionary<string, IReadOnlyList<RecordedEntry>> { [state.Subject] = shown }, Viewer.Public);
        return new EnrolledOperator
        {
            Did = state.Subject,
            Name = signers.Of(state.Subject).Name,
            Roles = state.Roles,
            Suspended = state.Suspended,
            Keys = [.. state.Keys.All.Select(key => new OperatorKey
            {
                Kid = key.KeyId,
                Use = key.Use,
                X = key.X,
                Added = key.AddedAt,
                Revoked = key.RevokedAt,
                DisputedFrom = state.Keys.RestsOnDisputed(key, logKeys) ? key.AddedAt : key.DisputedFrom,
            })],
            Identifiers = grants?.Identifiers ?? [],
            Since = shown[0].Index,
            RecordedAt = shown[0].RecordedAt,
        };
    }
}

/// <summary>A key of an operator and the log indexes that bound it.</summary>
public sealed record OperatorKey
{
    /// <summary>In full: <c>did#name</c>.</summary>
    public required string Kid { get; init; }

    /// <summary>What it signs.</summary>
    public required KeyUse Use { get; init; }

    /// <summary>The public key, base64url.</summary>
    public required string X { get; init; }

    /// <summary>Index of the entry that added it: it signs from the next index on.</summary>
    public required long Added { get; init; }

    /// <summary>Index of the entry that revoked it.</summary>
    public long? Revoked { get; init; }

    /// <summary>First index from which a stranger may have had it, or the key of the log that added it; what its owner affirmed since is left out.</summary>
    public long? DisputedFrom { get; init; }

    /// <summary>Whether it signs now.</summary>
    [JsonIgnore]
    public bool IsGood => Revoked is null && DisputedFrom is null;
}
