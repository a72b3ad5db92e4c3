using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>What all that open a battery's chain share: its model sheet and its names in other systems, which are granted, not grabbed.</summary>
internal static class Naming
{
    internal static void Need(Needs needs, IReadOnlyList<Alias>? aliases)
    {
        foreach (var alias in aliases ?? [])
        {
            needs.Claims.Add(ClaimName.Alias(alias.Scheme, alias.Value));
        }
    }

    /// <summary>The model sheet referenced; null when none is.</summary>
    internal static ModelState? ModelOf(Situation now) =>
        now.Entry.References.Select(r => now.Other(r.Subject)).OfType<ModelState>().FirstOrDefault();

    internal static Refusal? Check(Situation now, IReadOnlyList<Alias>? aliases)
    {
        foreach (var alias in aliases ?? [])
        {
            if (alias.Basis == AliasBasis.Declared)
            {
                continue;
            }

            if (Gs1.Compared(alias.Scheme, alias.Value) is not { } compared ||
                (now.Other(Names.GrantsChain(now.Entry.Actor)) as GrantsState)?.Covers(alias.Scheme, compared) != true)
            {
                return new Refusal(RefusalCode.IdentifierNotGranted, $"{now.Entry.Actor} holds no {alias.Scheme} prefix that covers {StrictText.Printable(alias.Value)}. A code of somebody else's is given with basis declared.");
            }

            if (now.OwnerOf(ClaimName.Alias(alias.Scheme, alias.Value)) is { } other)
            {
                return new Refusal(RefusalCode.AliasTaken, $"{alias.Scheme} {alias.Value} is an alias of {other}.");
            }
        }

        return (aliases ?? []).Select(a => (a.Scheme, a.Value)).Distinct().Count() != (aliases?.Count ?? 0)
            ? new Refusal(RefusalCode.DataInvalid, "aliases names each code once.")
            : null;
    }

    internal static void Claim(Situation now, IReadOnlyList<Alias>? aliases)
    {
        foreach (var alias in aliases ?? [])
        {
            now.Claim(alias.ClaimOn(now.Entry.Subject), now.Entry.Subject);
        }
    }
}
