using CriticalMinerals.Lifecycle.Manufacturing;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Which declaration of recycled content is a battery's: by model, plant and year (Regulation (EU) 2023/1542 Art. 8(1)).</summary>
internal static class RecycledContent
{
    /// <summary>The newest of the model sheet for the year in which the battery was made; null when there is none.</summary>
    internal static Said<RecycledContentDeclared>? For(ChainStory battery, Story story)
    {
        var year = ManufacturingMonth.Of(battery) is { } month ? ManufacturingMonth.YearOf(month) : 0;
        Said<RecycledContentDeclared>? newest = null;
        foreach (var declared in story.ModelOf(battery)?.Of<RecycledContentDeclared>() ?? [])
        {
            newest = declared.Event.Year == year ? declared : newest;
        }

        return newest;
    }
}
