namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>The one list of rules.</summary>
public static class RuleBook
{
    /// <summary>Every rule of this version.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        new NotDisputed(),
        new NotRecalled(),
        new MissingIsNotUsed(),
        new WasteIsExportedAsWaste(),
        new InOneBattery(),
        new InOneVehicle(),
        new DatedInOrder(),
        new DatedInThePast(),
        new CountersOnlyGrow(),
        new HealthOnlyFalls(),
        new FootprintAddsUp(),
        new RecycledShareIsCarried(),
        new RecycledContentMinimum(),
        new CustodyIsNotUpgraded(),
        new RecyclingEfficiency(),
        new RecoveryTargets(),
        new NotExpired(),
        new TractionBatteryCodes(),
    ];

    /// <summary>
    /// Asks every rule, in the order of <see cref="All"/>. The same entries, disclosures and instant give the same answers, in whatever order chains are brought.
    /// </summary>
    public static IReadOnlyList<RuleResult> Judge(FindingSource source)
    {
        var story = new Story(source);
        return [.. All.Select(rule =>
        {
            var ruling = new Ruling(rule);
            rule.Judge(story, ruling);
            return ruling.Result;
        })];
    }
}
