using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>Modules become a battery with a passport, a label and a place on the market.</summary>
public sealed class DemoBatteries(DemoFirms firms, DemoCalendar calendar, DemoModels models)
{
    /// <summary>Makes a battery, issues its passport and places it on the market.</summary>
    /// <param name="battery">Its chain.</param>
    /// <param name="batch">The modules it is made of.</param>
    /// <param name="first">The first of the eight that it takes, counted from 0.</param>
    /// <param name="madeDaysAgo">When it was made.</param>
    /// <param name="serial">Serial of its GB/T code.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task MakeAsync(string battery, DemoBatch batch, int first, int madeDaysAgo, int serial, CancellationToken cancel)
    {
        var maker = firms.PackMaker;
        var modules = await maker.GiveAsync(
            batch.Modules, new GoodsGiven(battery, maker.Did, Quantity.Of(DemoBatch.ModulesInABattery), [.. batch.Codes(calendar).Skip(first).Take(DemoBatch.ModulesInABattery)]), calendar.DaysAgo(madeDaysAgo + 1), cancel);
        await maker.SayAsync(battery, new BatteryManufactured
        {
            Aliases = [new Alias { Scheme = "gbt34014", Value = calendar.Code("0HPPE0766HX000", madeDaysAgo, serial), Basis = AliasBasis.Granted }],
            ManufacturedOn = calendar.Month(madeDaysAgo),
            InitialCapacity = Quantity.Parse("212.8"),
            InitialInternalResistance = Quantity.Parse("0.0412"),
        }, calendar.DaysAgo(madeDaysAgo), new EntryLinks { Taken = [modules], References = [models.Aurora] }, cancel);
        await maker.SayAllAsync(
            (((LifecycleEvent Happened, int Later)[])
            [
                (Passport(battery), 5), (Registration(madeDaysAgo, serial), 6), (Label(battery), 7),
                (new BatteryPlacedOnMarket { Market = "NL", Capacity = Quantity.Parse("212.8") }, 20),
            ]).Select(said => (battery, said.Happened, calendar.DaysAgo(madeDaysAgo - said.Later))),
            cancel);
    }

    private static PassportIssued Passport(string battery) => new()
    {
        PassportIdentifier = battery,
        Operator = DemoModels.PackMakerContact,
        Facility = "9506000000015",
        BackupProvider = "did:web:backup.example",
    };

    private PassportRegistered Registration(int madeDaysAgo, int serial) => new()
    {
        Registry = "EU digital product passport registry",
        RegistrationIdentifier = string.Create(CultureInfo.InvariantCulture, $"EU-DPP-{calendar.Year(madeDaysAgo)}-{serial:D8}"),
        CommodityCode = "85076000",
    };

    private static LabelIssued Label(string battery) => new()
    {
        Text = "HTTPS://PASSPORT.HAVEL-ENERGY.EXAMPLE/" + Gs1.Path(battery),
        Carrier = LabelCarrier.Engraved,
        Position = "Left side of the housing, beside the service plug",
        Grade = Quantity.Parse("3.5"),
    };
}
