using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// What a model sheet declares as recycled can be carried by what went into the battery. Above what traced and untraced inputs could carry together it cannot be
/// true of this battery; above what is traced nobody's signature supports it.
/// </summary>
internal sealed class RecycledShareIsCarried() : Rule("recycled-share-not-carried", "The recycled share declared is carried by what went in.", "Regulation (EU) 2023/1542 Art. 8(1)")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            if (story.Source.Shares.GetValueOrDefault(battery.Name) is not { } computed || RecycledContent.For(battery, story) is not { } declared)
            {
                continue;
            }

            foreach (var share in declared.Event.Shares)
            {
                if (computed.FirstOrDefault(c => c.Mineral == share.Element) is { } carried)
                {
                    Compare("pre-consumer", share.PreConsumer.Value, carried.PreConsumer);
                    Compare("post-consumer", share.PostConsumer.Value, carried.PostConsumer);

                    void Compare(string kind, decimal percent, Ratio? fraction)
                    {
                        if (percent == 0)
                        {
                            return;
                        }

                        if (fraction is not { } traced || carried.NotTraced is not { } rest)
                        {
                            ruling.CannotTell(Math.Max(1, carried.Withheld));
                            return;
                        }

                        var (backed, untraced) = (traced * 100m, rest * 100m);
                        if (percent > backed)
                        {
                            var isPossible = percent <= backed + untraced;
                            var element = KebabCase.Of(share.Element.ToString());
                            ruling.Find(
                                isPossible ? Notice : Warning, battery.Name, [.. declared.Statement.Sources(nameof(RecycledContentDeclared.Shares)), battery.First.Hash],
                                FormattableString.Invariant($"{percent} % {kind} recycled {element} is declared; what went in carries {backed.ToDecimalText(3)} %, and {untraced.ToDecimalText(3)} % of it is not traced{(isPossible ? ": nobody's signature supports the rest." : ", so the share cannot be right for this battery.")}"),
                                new Figure($"{kind} {element} declared", percent, "%"), new Figure($"{kind} {element} carried", backed, "%"), new Figure($"{element} not traced", untraced, "%"));
                        }
                    }
                }
            }
        }
    }
}
