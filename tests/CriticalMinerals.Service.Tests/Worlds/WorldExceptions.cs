using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Granting;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>What is rare in any world and happens in each at least once: keys lost, firms that vanish, mistakes undone, recalls.</summary>
public sealed class WorldExceptions(WorldFirms firms, LedgerApi api)
{
    private static readonly DateTimeOffset When = WorldPlan.Day(WorldPlan.LastDay - 20);

    /// <summary>Keys, roles, identifiers and delegations come and go, a firm is suspended for a while.</summary>
    public async Task OfOperatorsAsync(WorldBattery battery, CancellationToken cancel)
    {
        var (authority, firm) = (firms.Authority, await firms.EnrolAsync("adit", [Role.Miner], cancel));
        var (stolen, worn) = (await firms.WithKeyAsync(firm, "k2", cancel), await firms.WithKeyAsync(firm, "k3", cancel));
        foreach (var key in (DemoFirm[])[stolen, worn])
        {
            var declared = key.Declare(firms.Origin, KeyUse.Operator);
            await firm.SayAsync(firm.Did, new KeyAdded { Kid = declared.Kid, Use = KeyUse.Operator, Jwk = declared.Jwk, Proof = declared.Proof }, When, null, cancel);
        }

        var lot = "urn:uuid:0d0c2b1e-5a51-4e0c-9d5e-0e6f5a3c1d01";
        await stolen.SayAsync(lot, Won(1000), When, null, cancel);
        await firm.SayAsync(firm.Did, new KeyCompromised { Kid = stolen.KeyId, FromIndex = 0 }, When, null, cancel);
        await firm.SayAsync(firm.Did, new Affirmed { Kid = stolen.KeyId, From = 0, To = (long)(await api.GetLogAsync(cancel)).Size - 1 }, When, null, cancel);
        await firm.SayAsync(firm.Did, new KeyRevoked { Kid = worn.KeyId, Reason = RevocationReason.Superseded }, When, null, cancel);
        await authority.SayAsync(firm.Did, new RoleGranted { Role = Role.Refiner }, When, null, cancel);
        await authority.SayAsync(firm.Did, new RoleWithdrawn { Role = Role.Refiner }, When, null, cancel);
        await authority.SayAsync(Names.GrantsChain(firm.Did), new IdentifierGranted { Scheme = "gtin", Prefix = "9599999" }, When, null, cancel);
        await authority.SayAsync(Names.GrantsChain(firm.Did), new IdentifierWithdrawn { Scheme = "gtin", Prefix = "9599999" }, When, null, cancel);

        // An auditor sees the masses, for a while.
        var auditor = await firms.EnrolAsync("auditor", [Role.Auditor], cancel);
        await authority.SayAsync(Names.GrantsChain(auditor.Did), new AuditAccessGranted { Until = When.AddDays(90).ToUnixTimeSeconds() }, When, null, cancel);
        await authority.SayAsync(Names.GrantsChain(auditor.Did), new AuditAccessRevoked(), When, null, cancel);

        await authority.SayAsync(firm.Did, new OperatorSuspended { Reason = "Licence to mine withdrawn by the inspectorate." }, When, null, cancel);
        await authority.SayAsync(firm.Did, new OperatorReinstated { Reason = "The licence was restored." }, When, null, cancel);

        // The administrator gives what the vanished mine had won.
        var administrator = await firms.EnrolAsync("administrator", [Role.Miner], cancel);
        await authority.SayAsync(firm.Did, new Succeeded { Operator = firm.Did, Successor = administrator.Did, Ground = "Insolvency administrator, Amtsgericht Potsdam 35 IN 12/26." }, When, null, cancel);
        await administrator.SayAsync(lot, new Disposed { Method = "landfill", Quantity = Quantity.Of(10) }, When, new EntryLinks { Principal = firm.Did }, cancel);

        // An inspector reads batteries for the one who is responsible, for a while.
        var (keeper, reader) = (battery.Keeper, firms.All(Role.Inspector)[0]);
        var delegated = await keeper.SayAsync(Names.GrantsChain(keeper.Did), new Delegated { Delegate = reader.Did, Events = ["health-measured.v1"] }, When, null, cancel);
        await reader.SayAsync(battery.Chain, new HealthMeasured { Method = "workshop reading", StateOfCharge = Quantity.Of(55) }, When, new EntryLinks { Principal = keeper.Did }, cancel);
        battery.Events++;
        await keeper.SayAsync(Names.GrantsChain(keeper.Did), new DelegationRevoked(), When, new EntryLinks { References = [new Reference(delegated.LeafHash, Names.GrantsChain(keeper.Did))] }, cancel);
    }

    /// <summary>Lots are blended, given by mistake, entered twice, balanced, disposed of and called back.</summary>
    public async Task OfLotsAsync(CancellationToken cancel)
    {
        var miner = firms.All(Role.Miner)[0];
        string Lot(int number) => FormattableString.Invariant($"urn:uuid:0d0c2b1e-5a51-4e0c-9d5e-0e6f5a3c1e{number:00}");
        var (first, second, third, blend) = (Lot(1), Lot(2), Lot(3), Lot(4));
        foreach (var lot in (string[])[first, second, third])
        {
            await miner.SayAsync(lot, Won(100), When, null, cancel);
        }

        var parts = new List<Redemption>();
        foreach (var lot in (string[])[first, second])
        {
            parts.Add(await miner.GiveAsync(lot, new GoodsGiven(blend, miner.Did, Quantity.Of(60)), When, cancel));
        }

        await miner.SayAsync(blend, new LotsBlended { Open = true, Product = "lithium carbonate, blended", Site = Site, Mass = Quantity.Of(60) }, When, new EntryLinks { Taken = [parts[0]] }, cancel);
        await miner.SayAsync(blend, new InputsAdded(), When, new EntryLinks { Taken = [parts[1]] }, cancel);
        var mistaken = await miner.GiveAsync(first, new GoodsGiven(Lot(5), miner.Did, Quantity.Of(40)), When, cancel);
        await miner.SayAsync(first, new Withdrawn { Line = 0 }, When, new EntryLinks { References = [new Reference(mistaken.Entry, first)] }, cancel);
        await miner.SayAsync(third, new Voided { Reason = "The lot number was entered twice." }, When, null, cancel);
        await miner.SayAsync(second, new Disposed { Method = "landfill", Quantity = Quantity.Of(1) }, When, null, cancel);
        await miner.SayAsync(blend, new BalanceClosed
        {
            Claim = "mined under IRMA",
            Element = Mineral.Lithium,
            Method = CustodyModel.MassBalanceRollingAverage,
            Boundary = Site,
            From = "2026-01-01",
            To = "2026-06-30",
            Opening = Quantity.Of(120),
            Inputs = Quantity.Of(1000),
            ConversionFactor = Quantity.Parse("0.92"),
            Outputs = Quantity.Of(900),
            Closing = Quantity.Of(140),
        }, When, null, cancel);
        await miner.SayAsync(blend, new EvidenceGiven
        {
            Indicator = SustainabilityIndicator.ChildLabour, Rulebook = "GBA Child Labour Rulebook, version of 2024", Scope = "Pit 2", Assurance = AssuranceLevel.ThirdParty, ValidFrom = "2026-01-01", ValidTo = "2028-12-31",
        }, When, null, cancel);
        await RecallAsync(miner, second, cancel);
    }

    /// <summary>A model and a battery are called back, and a battery loses a name.</summary>
    public async Task OfBatteryAsync(WorldBattery battery, CancellationToken cancel)
    {
        await RecallAsync(battery.Model.Maker, battery.Model.Sheet.Subject, cancel);
        await RecallAsync(battery.Model.Maker, battery.Chain, cancel);
        await battery.Keeper.SayAsync(battery.Chain, new AliasAdded { Alias = new Alias { Scheme = "workshop", Value = "W-X", Basis = AliasBasis.Declared } }, When, null, cancel);
        await battery.Keeper.SayAsync(battery.Chain, new AliasStruck { Scheme = "workshop", Value = "W-X", Reason = "Painted on another battery." }, When, null, cancel);

        // A buyer looks in for a while, and its name is forgotten.
        var granted = await battery.Keeper.SayAsync(battery.Chain, new AccessGranted { To = firms.All(Role.Repairer)[0].Did, Interest = LegitimateInterest.Purchaser, Until = When.AddDays(30).ToUnixTimeSeconds() }, When, null, cancel);
        await battery.Keeper.SayAsync(battery.Chain, new AccessRevoked(), When, new EntryLinks { References = [new Reference(granted.LeafHash, battery.Chain)] }, cancel);
        var sold = await battery.Keeper.SayAsync(battery.Chain, new BatterySold { Country = "NL", Buyer = "Maria Muster" }, When, null, cancel);
        await battery.Keeper.SayAsync(battery.Chain, new Erased { Digests = [sold.Digests[0].ToString()] }, When, new EntryLinks { References = [new Reference(sold.LeafHash, battery.Chain)] }, cancel);
        battery.Events += 8;
    }

    private static Place Site => new() { Country = "CL", Name = "Pit 2" };

    private static LotExtracted Won(int mass) => new()
    {
        Open = true, Mineral = Mineral.Lithium, Product = "lithium carbonate", Site = Site, Mass = Quantity.Of(mass), Content = [new ElementMass { Element = Mineral.Lithium, Mass = Quantity.Of(mass * 0.18m) }],
    };

    private static async Task RecallAsync(DemoFirm firm, string chain, CancellationToken cancel)
    {
        var recalled = await firm.SayAsync(chain, new Recalled { Reason = "Separator may be damaged at low temperature.", Action = "Do not charge above 80 %.", Risk = RecallRisk.High }, When, null, cancel);
        await firm.SayAsync(chain, new RecallEnded { Remedy = "Software 4.2 limits the charge at low temperature." }, When, new EntryLinks { References = [new Reference(recalled.LeafHash, chain)] }, cancel);
    }
}
