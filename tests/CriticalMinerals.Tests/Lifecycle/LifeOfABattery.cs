using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>What happens to a battery after its making, said in a <see cref="World"/>, and the states that it comes to.</summary>
internal static class LifeOfABattery
{
    /// <summary>Events that would show where somebody was happen on the first of a month.</summary>
    public static readonly DateTimeOffset FirstOfTheMonth = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Says an event as its schema's example says it, changed where asked, with what it takes, gives and references.</summary>
    public static SignedEntry Says(
        this World world, Party by, string name, string subject, JsonObject? changed = null, SignedEntry[]? refs = null, JsonObject[]? taken = null, Line[]? given = null, Party? principal = null)
    {
        var type = EventCatalog.Find(name)!;
        var (clear, hidden) = (new JsonObject(), new JsonObject());
        foreach (var (member, value) in EventSchema.Example(type).Where(m => type.Claim(m.Key) is not null && changed?.ContainsKey(m.Key) != true))
        {
            (type.Claim(member)!.IsDisclosed ? hidden : clear)[member] = value?.DeepClone();
        }

        foreach (var (member, value) in (changed ?? []).Where(m => m.Value is not null))
        {
            (type.Claim(member)!.IsDisclosed ? hidden : clear)[member] = value!.DeepClone();
        }

        if (refs is not null)
        {
            clear["ref"] = References(refs);
        }

        if (taken?.Length > 0)
        {
            clear["in"] = new JsonArray([.. taken.Select(t => t.DeepClone())]);
        }

        if (given?.Length > 0)
        {
            clear["out"] = new JsonArray([.. given.Select(l => (JsonNode)Commitment.To(l.Subject, l.To.Did, l.Opening).ToString())]);
            for (var i = 0; i < given.Length; i++)
            {
                hidden[$"q{i}"] = given[i].Quantity;
            }
        }

        return world.Sign(by, name, subject, clear, hidden, principal, occurred: FirstOfTheMonth);
    }

    /// <summary>The maker, who answers for the battery until another accepts it.</summary>
    public static Party Maker(this World world) => world.An(Role.BatteryMaker);

    public static string ABatteryInService(this World world, string serial = "A1")
    {
        var battery = world.ABatteryOnTheMarket(serial).Entry.Subject;
        world.Admit(world.Says(world.Maker(), "put-into-service.v1", battery));
        return battery;
    }

    public static string AWasteBattery(this World world, string serial = "A1")
    {
        var battery = world.ABatteryInService(serial);
        world.Admit(world.Says(world.An(Role.Collector), "collected.v1", battery));
        return battery;
    }

    /// <summary>A waste battery that was found fit for a second life.</summary>
    public static string AFitBattery(this World world, string serial = "A1")
    {
        var battery = world.AWasteBattery(serial);
        world.Admit(world.Says(world.An(Role.Inspector), "assessed.v1", battery));
        return battery;
    }

    public static SignedEntry Releases(this World world, Party by, string battery, string operation, Line line) =>
        world.Says(by, "released.v1", battery, new JsonObject { ["operation"] = operation, ["reason"] = null }, given: [line]);

    /// <summary>A battery given up, with the entry and the line that gave it.</summary>
    public static (string Battery, SignedEntry Release, Line Line) AReleasedBattery(this World world, string operation, Party to, string? successor = null, string serial = "A1")
    {
        var battery = operation is "re-use" or "repurposing" ? world.ABatteryInService(serial) : world.AFitBattery(serial);
        var line = new Line(successor ?? (operation == "recycling" ? battery : Uuid()), to, "1");
        return (battery, world.Admit(world.Releases(world.Maker(), battery, operation, line)), line);
    }

    public static SignedEntry BeginsSecondLife(this World world, Party by, string subject, string operation, JsonObject[] taken, JsonObject? changed = null)
    {
        var data = new JsonObject { ["operation"] = operation, ["aliases"] = null, ["source"] = null, ["content"] = null };
        foreach (var (member, value) in changed ?? [])
        {
            data[member] = value?.DeepClone();
        }

        return world.Says(by, "second-life-begun.v1", subject, data, refs: [world.ASheetOf(by)], taken: taken);
    }

    /// <summary>A model sheet of the operator's own, or of a firm that may have one.</summary>
    private static SignedEntry ASheetOf(this World world, Party by) =>
        (world.State.Chain(by.Did) as OperatorState)?.Roles.Any(r => r is Role.BatteryMaker or Role.SecondLifeOperator) == true ? world.Admit(world.DeclaresModel(by, Uuid())) : world.AModel(Role.SecondLifeOperator);

    /// <summary>A battery with a second life, made of one that was in service.</summary>
    public static string ABatteryWithASecondLife(this World world)
    {
        var firm = world.An(Role.SecondLifeOperator);
        var (_, release, line) = world.AReleasedBattery("repurposing", firm);
        return world.Admit(world.BeginsSecondLife(firm, line.Subject, "repurposing", [Take(release, 0, line)])).Entry.Subject;
    }

    /// <summary>A battery made of cells whose cobalt is known to the gram: 2 kg.</summary>
    public static string ABatteryOfTwoKilogramsOfCobalt(this World world, string serial = "K1")
    {
        var maker = world.Maker();
        world.NeedsAPrefix(maker);
        var (miner, cellMaker) = (world.An(Role.Miner), world.An(Role.CellMaker));
        var cells = new Line(Uuid(), cellMaker, "2");
        var giving = world.Admit(world.Allocates(miner, world.ALotOfCobalt("2").Entry.Subject, cells));
        var line = new Line(Battery(serial), maker, "96");
        var made = world.Admit(world.MakesParts(cellMaker, cells.Subject, "cells", "96", [Take(giving, 0, cells)], line));
        return world.Admit(world.MakesBattery(maker, line.Subject, world.AModel(), [Take(made, 0, line)])).Entry.Subject;
    }

    /// <summary>Takes parts out of a battery and gives them on.</summary>
    public static SignedEntry TakesOut(this World world, Party by, string battery, string pieces, string cobalt, params Line[] given) => world.Says(
        by, "part-replaced.v1", battery,
        new JsonObject { ["source"] = null, ["removed"] = pieces, ["removedContent"] = Holding("cobalt", cobalt) },
        given: given);

    public static SignedEntry Recycles(this World world, Party by, string battery, SignedEntry release, Line line, string kilograms, string cobalt, params Line[] given) => world.Says(
        by, "recycled.v1", battery, new JsonObject { ["mass"] = kilograms, ["content"] = Holding("cobalt", cobalt) }, taken: [Take(release, 0, line)], given: given);

    /// <summary>The cobalt that a battery's state says it holds, in kilograms.</summary>
    public static Ratio? CobaltIn(this World world, string battery) => ((BatteryState)world.State.Chain(battery)!).Content?[Mineral.Cobalt];
}
