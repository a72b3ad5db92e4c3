using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Which of those that gave what went into a chain a bundle shows with their whole chains, and in turn theirs: so that the verdict also says whether they gave
/// more than they held. Of the others the giving entry alone is cited.
/// </summary>
/// <param name="Predecessors">Batteries: those that a second life was made of or that parts and materials came from.</param>
/// <param name="Lots">Lots, parts and consignments, back to the mines.</param>
public readonly record struct WholeGivers(bool Predecessors, bool Lots)
{
    private const string Batteries = "predecessors";
    private const string Stocks = "lots";

    /// <summary>Every form of the text, for who is told what to say.</summary>
    public const string Forms = $"{Batteries}, {Stocks}, or both with a comma";

    /// <summary>Whether none are shown whole.</summary>
    public bool IsNone => !Predecessors && !Lots;

    /// <summary>Reads <c>predecessors</c>, <c>lots</c>, or both with a comma, in any order, each once; null for anything else.</summary>
    public static WholeGivers? Parse(string text)
    {
        var names = text.Split(',');
        return names.All(name => name is Batteries or Stocks) && names.Distinct().Count() == names.Length ? new WholeGivers(names.Contains(Batteries), names.Contains(Stocks)) : null;
    }

    /// <summary>The text that <see cref="Parse"/> reads; empty for none.</summary>
    public override string ToString() => string.Join(',', ((string?[])[Predecessors ? Batteries : null, Lots ? Stocks : null]).OfType<string>());

    /// <summary>Whether the chain of an entry that gave lines is among them. Only a battery's chain holds events that give of a battery.</summary>
    internal bool Includes(Entry giving) => EventCatalog.Find(giving.Event)?.Record.IsAssignableTo(typeof(IGivesOfABattery)) == true ? Predecessors : Lots;
}
