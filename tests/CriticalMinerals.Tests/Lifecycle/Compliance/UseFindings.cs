using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

/// <summary>What contradicts itself in the use of a battery: counters, health, vehicles, losses, exports.</summary>
public sealed class UseFindings
{
    private const string OneVehicle = "WVWZZZ1JZXW000001";
    private const string Another = "WVWZZZ1JZXW000002";

    private readonly Tale _tale = new();

    [Theory]
    [InlineData("energyThroughput", "energy throughput", " kWh")]
    [InlineData("capacityThroughput", "capacity throughput", " Ah")]
    public void A_throughput_that_falls_is_found_with_both_figures_until_it_is_corrected(string property, string words, string unit)
    {
        var battery = _tale.BatteryInService();
        _tale.Measured(battery, "2027-03-01", (property, "1000.5"));
        var wrong = _tale.Measured(battery, "2028-03-01", (property, "100.25"));

        Assert.Equal($"{words} before 1000.5{unit}; {words} after 100.25{unit}", Tale.Figures(_tale.Finds("counter-falling")));
        _tale.CannotTell("counter-falling", 2);

        _tale.Corrected(wrong, "2028-03-02", hidden: new() { [property] = "1002.5" });
        _tale.IsSound("counter-falling");
    }

    [Fact]
    public void Cycles_are_compared_in_the_order_in_which_they_were_measured_not_in_which_they_were_recorded()
    {
        var battery = _tale.BatteryInService();
        var late = _tale.Measured(battery, "2028-03-01", ("fullCycles", 200));
        _tale.Measured(battery, "2027-03-01", ("fullCycles", 100));
        _tale.IsSound("counter-falling");

        var less = _tale.Measured(battery, "2028-06-01", ("fullCycles", 199));
        var finding = _tale.Finds("counter-falling");
        Assert.Equal([late.Entry.LeafHash, less.Entry.LeafHash], finding.Entries);
        Assert.Equal(battery.Entry.Subject, finding.Chain);
        Assert.Equal("full cycles before 200; full cycles after 199", Tale.Figures(finding));
    }

    [Fact]
    public void A_correction_whose_values_are_withheld_leaves_open_what_it_corrects()
    {
        var battery = _tale.BatteryInService();
        _tale.Measured(battery, "2027-03-01", ("fullCycles", 100));
        var wrong = _tale.Measured(battery, "2028-03-01", ("fullCycles", 10));
        var correction = _tale.Corrected(wrong, "2028-03-02", hidden: new() { ["fullCycles"] = 110 });

        _tale.CannotTell("counter-falling", 1, _tale.Source(s => s == correction ? s.WithoutDisclosures() : s));
    }

    [Fact]
    public void A_state_of_health_that_rises_is_found_and_a_repair_in_between_explains_it()
    {
        var battery = _tale.BatteryInService();
        _tale.Measured(battery, "2028-03-01", ("stateOfCertifiedEnergy", "80"));
        _tale.Measured(battery, "2029-03-01", ("stateOfCertifiedEnergy", "85.1"));
        Assert.Equal("state of certified energy before 80 %; state of certified energy after 85.1 %; tolerance 5 %", Tale.Figures(_tale.Finds("health-rising")));
        _tale.CannotTell("health-rising", 2);

        _tale.Say(_tale.An(Role.Repairer), "repaired.v1", battery.Entry.Subject, "2028-10-01", new() { ["kind"] = "repair" }, new() { ["work"] = "Two cells bypassed." });
        _tale.IsSound("health-rising");
    }

    [Fact]
    public void Small_steps_up_are_no_finding_until_they_add_up_to_more_than_the_tolerance()
    {
        var battery = _tale.BatteryInService();
        _tale.Measured(battery, "2028-01-01", ("remainingCapacity", "100"));
        _tale.Measured(battery, "2028-02-01", ("remainingCapacity", "103"));
        _tale.Measured(battery, "2028-03-01", ("remainingCapacity", "105"));
        _tale.IsSound("health-rising");

        var over = _tale.Measured(battery, "2028-04-01", ("remainingCapacity", "105.000000001"));
        Assert.Equal("remaining capacity before 100 Ah; remaining capacity after 105.000000001 Ah; tolerance 5 %", Tale.Figures(_tale.Finds("health-rising")));

        _tale.Corrected(over, "2028-04-02", hidden: new() { ["remainingCapacity"] = "100" });
        _tale.IsSound("health-rising");
    }

    [Fact]
    public void A_battery_fitted_while_it_is_fitted_is_in_two_vehicles_at_once()
    {
        var battery = _tale.BatteryInService();
        Swapped(battery, "2027-02-01", "removed");
        Swapped(battery, "2027-02-02", "fitted");
        Swapped(battery, "2027-02-09", "removed");
        Swapped(battery, "2027-02-10", "fitted");
        _tale.IsSound("two-vehicles");

        Swapped(battery, "2027-02-20", "fitted");
        Assert.Equal("vehicles at once 2", Tale.Figures(_tale.Finds("two-vehicles")));

        // A removal that is recorded late resolves it.
        Swapped(battery, "2027-02-15", "removed");
        _tale.IsSound("two-vehicles");
    }

    [Fact]
    public void A_battery_that_comes_out_of_another_vehicle_than_it_was_in_is_found_where_the_vehicles_are_disclosed_only()
    {
        var battery = _tale.BatteryInService(OneVehicle);
        Swapped(battery, "2027-02-01", "removed", OneVehicle);
        Swapped(battery, "2027-02-02", "fitted", OneVehicle);
        _tale.IsSound("two-vehicles");

        var removal = Swapped(battery, "2027-03-01", "removed", Another);
        Assert.Equal(removal.Entry.LeafHash, _tale.Finds("two-vehicles").Entries[1]);
        _tale.CannotTell("two-vehicles", 2);

        _tale.Corrected(removal, "2027-03-02", hidden: new() { ["vehicle"] = OneVehicle }, by: _tale.An(Role.FleetOperator));
        _tale.IsSound("two-vehicles");
    }

    [Fact]
    public void A_missing_battery_that_is_measured_or_swapped_is_found_and_one_that_came_back_first_is_not()
    {
        var battery = _tale.BatteryInService();
        _tale.Say(_tale.Maker, "loss-reported.v1", battery.Entry.Subject, "2028-01-10", new() { ["kind"] = "stolen" });
        _tale.Measured(battery, "2028-01-09", ("fullCycles", 1));
        _tale.IsSound("missing-used");

        var used = _tale.Measured(battery, "2028-01-12", ("fullCycles", 2));
        var finding = _tale.Finds("missing-used");
        Assert.Equal((FindingSeverity.Serious, used.Entry.LeafHash, "missing for 172800 s"), (finding.Severity, finding.Entries[0], Tale.Figures(finding)));

        // It was back on the eleventh already: a later statement says so.
        _tale.Say(_tale.Maker, "found.v1", battery.Entry.Subject, "2028-01-11");
        _tale.IsSound("missing-used");
    }

    [Fact]
    public void Put_into_service_while_missing_is_found_by_the_month_and_in_the_month_of_the_loss_nobody_can_tell()
    {
        var (same, later) = (_tale.Battery(), _tale.Battery());
        foreach (var (battery, month) in new[] { (same, 1), (later, 2) })
        {
            _tale.Placed(battery);
            _tale.Say(_tale.Maker, "loss-reported.v1", battery.Entry.Subject, "2027-01-10", new() { ["kind"] = "lost" });
            _tale.Say(
                _tale.Maker, "put-into-service.v1", battery.Entry.Subject, "", new() { ["application"] = "stationary-storage" }, occurred: new DateTimeOffset(2027, month, 1, 0, 0, 0, TimeSpan.Zero));
        }

        var result = Tale.Ask("missing-used", _tale.Source());
        Assert.Equal(later.Entry.Subject, Assert.Single(result.Findings).Chain);
        Assert.Equal(1, result.CannotTell);
    }

    [Fact]
    public void A_battery_that_left_as_none_after_it_was_collected_as_waste_is_found()
    {
        var battery = _tale.BatteryInService();
        _tale.Say(_tale.Maker, "exported.v1", battery.Entry.Subject, "2029-05-02", new() { ["country"] = "UA", ["asWaste"] = false });
        _tale.IsSound("waste-exported-as-battery");

        _tale.Say(_tale.An(Role.Collector), "collected.v1", battery.Entry.Subject, "2029-05-01", new() { ["channel"] = "end-user", ["country"] = "NL" });
        Assert.Equal("waste for 86400 s", Tale.Figures(_tale.Finds("waste-exported-as-battery")));
    }

    private SignedEntry Swapped(SignedEntry battery, string day, string direction, string? vehicle = null) => _tale.Say(
        _tale.An(Role.FleetOperator), "battery-swapped.v1", battery.Entry.Subject, day, new() { ["direction"] = direction }, vehicle is null ? null : new JsonObject { ["vehicle"] = vehicle });
}
