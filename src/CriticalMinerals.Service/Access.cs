using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service;

/// <summary>
/// What a caller may read: closed chains whole for their signers, their holder and auditors, and the giving entry for whoever redeemed it; values by
/// <see cref="AccessPolicy"/>.
/// </summary>
public sealed class Access(EntryReader entries, LedgerOptions options, TimeProvider clock)
{
    /// <summary>The policy in force.</summary>
    public AccessPolicy Policy => options.Access;

    /// <summary>Whether closed chains are open to everybody here.</summary>
    public bool EntriesAreOpen => options.PublicEntries;

    /// <summary>Whether anybody may read the chain.</summary>
    public bool IsOpen(ChainState chain) => chain.IsOpen || EntriesAreOpen;

    /// <summary>The chain of an entry as it stands; null when there is none.</summary>
    public Task<ChainState?> ChainAsync(StoredEntry entry, CancellationToken cancel) => entries.StateAsync(entry.Signed.Entry.Subject, cancel);

    /// <summary>A chain that the caller may read whole; null when it is not there or not for the caller, after the same work.</summary>
    public async Task<ChainState?> ReadableAsync(Caller caller, string subject, CancellationToken cancel)
    {
        var (chain, hasSigned) = await entries.StateAsync(subject, caller.Operator ?? "", cancel);
        return chain is not null && (IsOpen(chain) || IsAuditor(caller) || (caller.Operator is { } did && (chain.Keeper == did || chain.Opener == did || hasSigned))) ? chain : null;
    }

    /// <summary>Whether the caller may read this one entry of a chain: as part of the chain, or because it redeemed a line of it.</summary>
    public async Task<bool> MayReadAsync(Caller caller, StoredEntry entry, CancellationToken cancel) =>
        await ReadableAsync(caller, entry.Signed.Entry.Subject, cancel) is not null || await RedeemedAsync(caller, entry, cancel);

    /// <summary>Whether the caller redeemed a line that this entry gave.</summary>
    public async Task<bool> RedeemedAsync(Caller caller, StoredEntry entry, CancellationToken cancel) =>
        caller.Operator is { } did && entry.Signed.Entry.Given.Count > 0 &&
        (await entries.TakersAsync([entry.Signed.Entry.LeafHash], long.MaxValue, cancel)).Any(taker => Signed(taker, did));

    /// <summary>Whether it audits: with the role, and saying so.</summary>
    public bool IsAuditor(Caller caller) => caller.Purpose == Audience.Auditor && caller.MayAskAs(Audience.Auditor, Policy);

    /// <summary>As whom the caller looks at a chain, or why not as whom it says.</summary>
    public async Task<(Viewer? Viewer, Problem? Problem)> ViewerAsync(Caller caller, ChainState? chain, CancellationToken cancel)
    {
        if (caller.IsPublic)
        {
            return (Viewer.Public with { Policy = Policy }, null);
        }

        var own = new Viewer(caller.Operator is null ? Audience.Public : Audience.Own)
        {
            Policy = Policy,
            Operator = caller.Operator,
            Kept = chain is not null && chain.Keeper == caller.Operator ? [chain.Subject] : [],
        };
        if (caller.Purpose is { } purpose && caller.MayAskAs(purpose, Policy))
        {
            return (own with { Audience = purpose, SeesQuantities = purpose == Audience.Auditor && caller.SeesQuantities }, null);
        }

        return chain is BatteryState battery && await LetInAsync(own, caller, battery, cancel) is { } letIn ? (letIn, null)
            : caller.Purpose is null ? (own, null)
            : (null, Problems.PurposeRefused(caller.Purpose.Value));
    }

    /// <summary>As whom a grant on a battery lets the caller look at it and at its model; null when there is no such battery or none does.</summary>
    public async Task<Viewer?> LetInAsync(Caller caller, string? battery, CancellationToken cancel) =>
        !caller.IsPublic && Names.IsSubject(battery) && await entries.StateAsync(battery, cancel) is BatteryState state
            ? await LetInAsync(new Viewer(Audience.Public) { Policy = Policy, Operator = caller.Operator }, caller, state, cancel)
            : null;

    // A grant opens one battery, and the sheet of its model.
    private async Task<Viewer?> LetInAsync(Viewer viewer, Caller caller, BatteryState battery, CancellationToken cancel) =>
        await GrantedAsync(caller, battery, cancel) is { } granted ? viewer with { Audience = granted, Chains = [battery.Subject, battery.Model] } : null;

    private static bool Signed(StoredEntry entry, string did) => entry.Signed.Entry.Issuer == did || entry.Signed.Entry.Actor == did;

    // Who lets in is who answers for the battery now: with the responsibility goes what the one before had granted, to itself as well.
    private async Task<Audience?> GrantedAsync(Caller caller, BatteryState battery, CancellationToken cancel)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var grant in battery.Access.Where(a => a.Until > now))
        {
            var audience = Enum.Parse<Audience>(grant.Interest.ToString());
            if (caller.Purpose is not null && caller.Purpose != audience)
            {
                continue;
            }

            if (grant.To == caller.Operator && await entries.FindAsync(grant.Entry, cancel) is { Signed: var given } &&
                given.Entry.Actor == battery.Responsible && (caller.Person is not { } person || IsOf(given, person)))
            {
                return audience;
            }
        }

        return null;
    }

    // Only the grant's disclosures name a person; once they are erased it opens nothing.
    private static bool IsOf(SignedEntry granted, OpenIdPerson person) =>
        granted.Property("issuer")?.GetString() == person.Issuer && granted.Property("person")?.GetString() == person.Subject;
}
