using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// Minimum shares of recovered cobalt, lead, lithium and nickel, by the day on which the battery was placed on the market and not by today. An element that the
/// declaration does not name is taken as not in the battery.
/// </summary>
internal sealed class RecycledContentMinimum() : Rule(
    "recycled-content-minimum", "The recycled content declared reaches the minimum of the day of placing on the market.", "Regulation (EU) 2023/1542 Art. 8(2) and (3)", First)
{
    private static readonly DateOnly First = new(2031, 8, 18);
    private static readonly DateOnly Second = new(2036, 8, 18);

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            if (battery.Of<BatteryPlacedOnMarket>().FirstOrDefault() is not { Statement: { } placed } || placed.Day < First)
            {
                continue;
            }

            if (story.ModelOf(battery)?.First is not { Event: ModelDeclared model } sheet)
            {
                ruling.CannotTell(placed);
                continue;
            }

            if (!Applies(model, placed.Day))
            {
                continue;
            }

            if (RecycledContent.For(battery, story) is not { } declared)
            {
                ruling.Find(Warning, battery.Name, [placed.Hash, sheet.Hash], $"The battery was placed on the market on {placed.Day:yyyy-MM-dd}, and no recycled content is declared for its model and the year in which it was made.");
                continue;
            }

            foreach (var share in declared.Event.Shares)
            {
                var (reached, minimum) = (share.PreConsumer.Value + share.PostConsumer.Value, Minimum(share.Element, placed.Day));
                if (reached < minimum)
                {
                    var element = KebabCase.Of(share.Element.ToString());
                    ruling.Find(
                        Warning, battery.Name, [.. declared.Statement.Sources(nameof(RecycledContentDeclared.Shares)), placed.Hash],
                        FormattableString.Invariant($"{reached} % recovered {element} is declared; a battery placed on the market on {placed.Day:yyyy-MM-dd} needs {minimum} %."),
                        new Figure($"recovered {element} declared", reached, "%"), new Figure("minimum", minimum, "%"));
                }
            }
        }
    }

    // Art. 8(2): industrial above 2 kWh, electric vehicles. Art. 8(3) adds light means of transport.
    private static bool Applies(ModelDeclared model, DateOnly placed) => model.Category switch
    {
        BatteryCategory.Ev => true,
        BatteryCategory.Lmt => placed >= Second,
        _ => (model.RatedEnergy?.Value ?? (Ratio)model.RatedCapacity.Value * model.NominalVoltage.Value / 1000m) > 2m,
    };

    private static decimal Minimum(Mineral element, DateOnly placed) => (element, placed >= Second) switch
    {
        (Mineral.Cobalt, false) => 16,
        (Mineral.Cobalt, true) => 26,
        (Mineral.Lead, _) => 85,
        (Mineral.Lithium, false) => 6,
        (Mineral.Lithium, true) => 12,
        (Mineral.Nickel, false) => 6,
        (Mineral.Nickel, true) => 15,
        _ => 0,
    };
}
