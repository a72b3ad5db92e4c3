using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>Waste batteries that are fit become a storage battery with a passport of its own.</summary>
public sealed class DemoSecondLife(DemoFirms firms, DemoCalendar calendar, DemoModels models)
{
    private readonly DemoUse _use = new(firms, calendar);

    /// <summary>Takes the batteries over, examines them, and begins the storage battery's life.</summary>
    public async Task BeginAsync(string storage, IReadOnlyList<string> waste, CancellationToken cancel)
    {
        var taken = new List<Redemption>();
        foreach (var (battery, from, capacity) in ((string, DemoFirm, string)[])[(waste[0], firms.Fleet, "176.2"), (waste[1], firms.PackMaker, "181.0")])
        {
            taken.Add(await PrepareAsync(battery, from, capacity, storage, cancel));
        }

        var firm = firms.SecondLife;
        await firm.SayAsync(storage, new SecondLifeBegun
        {
            Operation = LinePurpose.PreparationForRepurposing,
            Aliases = [new Alias { Scheme = "gbt34014", Value = calendar.Code("0SCPE14", 300, 42) + "RP", Basis = AliasBasis.Granted }],
            IntendedUse = "stationary storage beside a heat pump of a school",
            ManufacturedOn = calendar.Month(300),
            Standard = "UL 1974, second edition",
            Capacity = Quantity.Parse("332"),
            InternalResistance = Quantity.Parse("0.0294"),
        }, calendar.DaysAgo(300), new EntryLinks { Taken = taken, References = [models.Storage] }, cancel);
        await firm.SayAllAsync(
            (((LifecycleEvent Happened, DateTimeOffset When)[])
            [
                (new PassportIssued
                {
                    PassportIdentifier = storage,
                    Operator = new Contact { Name = "Second Current Storage GmbH", Address = "Am Bahnwerk 4, 16225 Eberswalde, Germany", Web = "https://second-current.example" },
                }, calendar.DaysAgo(298)),
                (new LabelIssued
                {
                    Text = "HTTPS://PASSPORT.SECOND-CURRENT.EXAMPLE/" + Gs1.Path(storage),
                    Carrier = LabelCarrier.Printed,
                    Position = "Door of the cabinet, inside",
                }, calendar.DaysAgo(297)),
                (new BatteryPlacedOnMarket { Market = "DE", Capacity = Quantity.Parse("332") }, calendar.DaysAgo(290)),
                (new BatterySold { Country = "DE", Private = false }, calendar.DaysAgo(280)),
                (new PutIntoService { Application = Application.StationaryStorage }, calendar.MonthOf(265)),
                (new HealthMeasured
                {
                    Method = "Battery management system, firmware 1.3",
                    StateOfCertifiedEnergy = Quantity.Parse("97.9"),
                    FullCycles = 138,
                    StateOfCharge = Quantity.Parse("64"),
                }, calendar.DaysAgo(20)),
            ]).Select(said => (storage, said.Happened, said.When)),
            cancel);
    }

    private async Task<Redemption> PrepareAsync(string battery, DemoFirm from, string capacity, string storage, CancellationToken cancel)
    {
        var firm = firms.SecondLife;
        await _use.HandOverAsync(battery, from, firm, 380, cancel);
        await firm.SayAsync(battery, new Assessed
        {
            Result = AssessmentResult.Fit,
            Standard = "UL 1974, second edition",
            Grade = "B",
            HistorySource = "Battery management system, read out in full",
            VisualInspection = "Housing dented at the rear or without damage; no trace of leakage.",
            Capacity = Quantity.Parse(capacity),
            InternalResistance = Quantity.Parse("0.0556"),
            SelfDischarge = Quantity.Parse("1.8"),
            Insulation = Quantity.Parse("12.4"),
        }, calendar.DaysAgo(360), null, cancel);
        return (await firm.GiveAsync(
            battery, new Released { Operation = LinePurpose.PreparationForRepurposing }, [new GoodsGiven(storage, firm.Did, Quantity.Parse("1"))], calendar.DaysAgo(330), null, cancel))[0];
    }
}
