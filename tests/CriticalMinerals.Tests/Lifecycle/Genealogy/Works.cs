using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Genealogy;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle.Genealogy;

/// <summary>So much of a chain, to be used for something.</summary>
internal sealed record Of(string Chain, string Quantity);

/// <summary>One firm that may do everything, from mine to recycler, with cobalt whose kilograms are those of the lots themselves.</summary>
internal sealed class Works
{
    internal static readonly DateTimeOffset Recorded = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly SignedEntry _model;

    internal Works(World? world = null)
    {
        World = world ?? Opened();
        World.Admit(World.Enrols(
            Firm, Role.Miner, Role.Refiner, Role.MaterialMaker, Role.CellMaker, Role.ModuleMaker, Role.BatteryMaker, Role.SecondLifeOperator, Role.Dismantler, Role.Recycler,
            Role.Inspector, Role.Collector, Role.Importer));
        _model = World.Admit(World.DeclaresModel(Firm, Uuid()));
    }

    internal World World { get; }

    internal Party Firm { get; } = Party.Of("did:web:everything.example");

    internal SignedEntry Say(string name, string chain, JsonObject changed, JsonObject[]? taken = null, Line[]? given = null, bool withModel = false, SignedEntry? about = null) =>
        World.Admit(World.Says(Firm, name, chain, changed, refs: withModel ? [_model] : about is null ? null : [about], taken: taken, given: given));

    internal string Mine(string country, string kilograms)
    {
        var lot = Uuid();
        Say("lot-extracted.v1", lot, new JsonObject { ["mass"] = kilograms, ["content"] = Holding("cobalt", kilograms), ["site"] = new JsonObject { ["country"] = country } });
        return lot;
    }

    /// <summary>A lot made of others; its cobalt is stated.</summary>
    internal string Lot(string name, string cobalt, params Of[] inputs) => Lot(name, cobalt, null, false, inputs);

    internal string Lot(string name, string cobalt, string? custody, bool declared, params Of[] inputs)
    {
        var lot = Uuid();
        var changed = new JsonObject { ["mass"] = cobalt, ["content"] = Holding("cobalt", cobalt), ["source"] = declared ? "declared" : null };
        if (name != "black-mass-produced.v1")
        {
            changed["custody"] = custody;
        }

        Say(name, lot, changed, Take(lot, inputs));
        return lot;
    }

    /// <summary>Cells that hold all that went in.</summary>
    internal string Cells(string count, params Of[] inputs)
    {
        var cells = Uuid();
        Say("component-manufactured.v1", cells, new JsonObject { ["component"] = "cells", ["count"] = count, ["source"] = null, ["content"] = null }, Take(cells, inputs));
        return cells;
    }

    internal string Battery(params Of[] inputs) => Battery(null, declared: false, inputs);

    internal string Battery(string? cobalt, bool declared, params Of[] inputs)
    {
        var battery = Uuid();
        var content = cobalt is null ? null : Holding("cobalt", cobalt);
        Say("battery-manufactured.v1", battery, new JsonObject { ["aliases"] = null, ["source"] = declared ? "declared" : null, ["content"] = content }, Take(battery, inputs), withModel: true);
        return battery;
    }

    internal string Imported(string cobalt)
    {
        var battery = Uuid();
        Say("battery-imported.v1", battery, new JsonObject { ["aliases"] = null, ["status"] = "original", ["content"] = Holding("cobalt", cobalt) }, withModel: true);
        return battery;
    }

    /// <summary>Parts come out of a battery and go to a chain; what that chain needs to take them.</summary>
    internal JsonObject TakeOut(string battery, string cobalt, string to)
    {
        var line = new Line(to, Firm, "1");
        return World.Take(World.Admit(World.TakesOut(Firm, battery, "1", cobalt, line)), 0, line);
    }

    internal void PutIn(string battery, params JsonObject[] parts) =>
        Say("part-replaced.v1", battery, new JsonObject { ["source"] = null, ["removed"] = null, ["removedContent"] = null }, parts);

    /// <summary>The battery goes on a market, becomes waste and is recycled; what is won goes to a chain.</summary>
    internal JsonObject Recycle(string battery, string cobalt, string to)
    {
        World.Admit(World.PlacesOnMarket(Firm, battery));
        Say("collected.v1", battery, []);
        var release = new Line(battery, Firm, "1");
        var released = World.Admit(World.Releases(Firm, battery, "recycling", release));
        var line = new Line(to, Firm, cobalt);
        return World.Take(World.Admit(World.Recycles(Firm, battery, released, release, cobalt, cobalt, line)), 0, line);
    }

    internal JsonObject[] Take(string to, params Of[] inputs) => [.. inputs.Select(input =>
    {
        var line = new Line(to, Firm, input.Quantity);
        return World.Take(World.Admit(World.Allocates(Firm, input.Chain, line)), 0, line);
    })];

    /// <summary>Every chain of the log, as a reader sees it to whom some disclosures are shown.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> Chains(Func<Disclosure, bool>? shown = null) => ChainsOf(World, shown);

    internal static IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> ChainsOf(World world, Func<Disclosure, bool>? shown = null) => world.Log
        .Select((signed, index) => new RecordedEntry(
            index, shown is null ? signed : SignedEntry.Join(signed.Entry, [.. signed.Disclosures.Where(shown).Select(d => d.Text)], complete: false, out _)!, Recorded))
        .GroupBy(r => r.Signed.Entry.Subject, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<RecordedEntry>)[.. g], StringComparer.Ordinal);

    internal MaterialOrigins Origins(string chain) => MaterialOrigins.Of(chain, Chains())!;

    /// <summary>The cobalt of a chain, by where it is from.</summary>
    internal ElementOrigins Cobalt(string chain) => Origins(chain) is { Gap: Gap.None } origins ? origins.Elements.Single() : throw new InvalidOperationException("There is a gap.");

    internal static Ratio Third => (Ratio)1m / 3m;
}
