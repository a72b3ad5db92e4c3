using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// How things change hands, the same in every event: lines given are redeemed once, by whom and for what they were given, and take their share of mass and
/// elements along. So what a chain gave never exceeds what it holds, and no element grows on the way.
/// </summary>
internal static class LineExchange
{
    /// <summary>Redeems the entry's lines (<c>in</c>), or says which of them it may not have.</summary>
    internal static Refusal? Take(Candidate candidate, Situation now)
    {
        var entry = now.Entry;
        if (entry.Taken.Count == 0)
        {
            return null;
        }

        if (!candidate.Type.Takes)
        {
            return new Refusal(RefusalCode.TakesNothing, $"{candidate.Type.Name} takes nothing: leave out in.");
        }

        decimal? sum = 0;
        Composition? content = Composition.Empty;
        var lines = new List<GivenLine>();
        foreach (var taken in entry.Taken)
        {
            var where = string.Create(CultureInfo.InvariantCulture, $"line {taken.Line} of {taken.Entry}");
            if (now.Line(taken.Entry, taken.Line) is not { } line)
            {
                if (now.IsExcerpt && now.Referenced(taken.Entry) is null)
                {
                    (sum, content) = (null, null);
                    continue;
                }

                return new Refusal(RefusalCode.LineUnknown, $"No entry gave {where} to {entry.Actor} on this chain with this opening. Compare them with what the giver handed over.");
            }

            // First whether the opening fits: whoever cannot open a line learns nothing about it.
            if (Commitment.To(entry.Subject, entry.Actor, taken.Opening) != line.Commitment)
            {
                return new Refusal(RefusalCode.LineNotYours, $"{where} was not given to {entry.Actor} on this chain with this opening.");
            }

            if (line.Withdrawn)
            {
                return new Refusal(RefusalCode.LineWithdrawn, $"{where} was taken back by its giver.");
            }

            if (line.TakenBy is { } other)
            {
                return new Refusal(RefusalCode.LineTaken, $"{where} was redeemed already, by {other}. A line is redeemed once.");
            }

            if (line.Purpose is { } purpose && !candidate.Type.Accepts.Contains(purpose))
            {
                return new Refusal(RefusalCode.LinePurposeWrong, $"{where} was given as {Spelled(purpose)}; {candidate.Type.Name} takes {string.Join(" or ", candidate.Type.Accepts.Select(Spelled))}.");
            }

            now.Lines[(taken.Entry, taken.Line)] = line with { TakenBy = entry.LeafHash };
            lines.Add(line);
            sum += line.Quantity;
            content = line.Content is { } inside ? content?.Plus(inside) : null;

            // Sums stay quantities: 18 digits before the point and 9 after it, which every reader adds exactly.
            if (sum >= Quantity.Limit)
            {
                return new Refusal(RefusalCode.QuantityExceeded, "The lines taken sum up to more than a quantity can hold: 18 digits before the point.");
            }
        }

        if (content?.IsKept == false)
        {
            return TooFine;
        }

        now.Took(lines, sum, content);
        return null;
    }

    private static string Spelled(LinePurpose purpose) => KebabCase.Of(purpose.ToString());

    private static Refusal TooFine => new(RefusalCode.ContentTooFine, "What is mixed here was mixed so often that its shares are no longer carried exactly. Declare a new lot with its own content in between.");

    /// <summary>Refuses a chain whose content could no longer be carried exactly, before it stands.</summary>
    internal static Refusal? CheckKept(ChainState after) => after switch
    {
        StockState stock => (Composition?[])[stock.Content, stock.GivenContent, stock.Intake.Content],
        BatteryState battery => [battery.Content, battery.Intake.Content],
        _ => [],
    } is var contents && contents.Any(c => c?.IsKept == false) ? TooFine : null;

    /// <summary>The quantity of a line given; null when withheld.</summary>
    internal static decimal? QuantityOf(SignedEntry signed, int line) =>
        signed.Property(string.Create(CultureInfo.InvariantCulture, $"q{line}")) is { } q ? Quantity.Parse(q.GetString()!).Value : null;

    /// <summary>Gives the entry's lines (<c>out</c>) from what the chain holds after it, and takes them off there.</summary>
    internal static Refusal? Give(Candidate candidate, ref ChainState after, Situation now)
    {
        var signed = candidate.Signed;
        var entry = signed.Entry;
        if (entry.Given.Count == 0)
        {
            return null;
        }

        if (candidate.Event.Supplies(now, after) is not { } supply)
        {
            return new Refusal(RefusalCode.GivesNothing, $"{candidate.Type.Name} on a {KebabCase.Of(after.Kind.ToString())} chain gives nothing in lines: leave out out.");
        }

        if (after is StockState && after.Keeper != entry.Actor)
        {
            return new Refusal(RefusalCode.KeeperRequired, $"Only {after.Keeper}, its holder, gives from {entry.Subject}.");
        }

        decimal? sum = 0;
        Composition? content = Composition.Empty;
        for (var i = 0; i < entry.Given.Count; i++)
        {
            var quantity = QuantityOf(signed, i);
            if (supply.Unit == StockUnit.Pieces && quantity is { } pieces && decimal.Truncate(pieces) != pieces)
            {
                return new Refusal(RefusalCode.DataInvalid, $"q{i}: pieces are whole numbers.");
            }

            var share = supply.ContentOf(quantity);
            if (share?.IsKept == false)
            {
                return TooFine;
            }

            sum += quantity;
            content = share is null ? null : content?.Plus(share);
            now.Lines[(entry.LeafHash, i)] = new GivenLine(entry.Subject, entry.Given[i], supply.Unit, quantity) { Purpose = supply.Purpose, Content = share };
        }

        if (sum > supply.Quantity)
        {
            return new Refusal(RefusalCode.QuantityExceeded, string.Create(CultureInfo.InvariantCulture, $"{entry.Subject} would give {sum} {supply.Unit} and has {supply.Quantity} left."));
        }

        after = after is StockState stock
            ? stock with { Given = stock.Given + sum, Lines = stock.Lines + entry.Given.Count, GivenContent = content is null ? null : stock.GivenContent?.Plus(content) }
            : after;
        return null;
    }
}
