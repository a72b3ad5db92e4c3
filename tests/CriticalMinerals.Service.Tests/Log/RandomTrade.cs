using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>GTIN prefixes, one a firm.</summary>
public sealed class FirmNames
{
    private int _last;

    public string NextPrefix() => $"95{Interlocked.Increment(ref _last):00000}";
}

/// <summary>One submitter's random business: it enrols firms, takes grants, mines, gives, refines, builds, measures, and says what is wrong too.</summary>
public sealed class RandomTrade(World world, FirmNames names, Random random, int node)
{
    private readonly List<Party> _miners = [];
    private readonly List<Party> _refiners = [];
    private readonly List<(Party Maker, string Prefix)> _makers = [];
    private readonly List<(Party Miner, SignedEntry Lot)> _lots = [];
    private readonly List<(SignedEntry Giving, int Line, GivenTo Given)> _given = [];
    private readonly List<(Party Maker, string Battery)> _batteries = [];
    private readonly Dictionary<Party, SignedEntry> _models = [];
    private int _serial;

    /// <summary>Goes on until so many of its entries are in the log.</summary>
    public async Task PlayAsync(int entries)
    {
        for (var admitted = 0; admitted < entries;)
        {
            var stream = new List<SignedEntry>();
            for (var count = random.Next(1, World.IsFullSize ? 200 : 20); stream.Count < count;)
            {
                var entry = await NextAsync(() => admitted++);
                if (entry is not null)
                {
                    stream.Add(entry);
                    world.Says.Stands(entry);
                }
            }

            foreach (var answer in await world.StreamAsync(stream, node))
            {
                Assert.True(answer.Status == 201, answer.ToString());
                admitted++;
            }

            // And something again that is in the log, by the other node.
            Assert.Equal(200, (await world.PostAsync(stream[random.Next(stream.Count)], 1 - node)).Status);
        }
    }

    // What later entries rest on is sent alone; what rests on nothing unsent goes with the stream.
    private async Task<SignedEntry?> NextAsync(Action counted)
    {
        switch (random.Next(12))
        {
            case 0 or 1 when _miners.Count < 4:
                _miners.Add(await EnrolAsync(Role.Miner, counted));
                return null;
            case 0 or 1 when _refiners.Count < 3:
                _refiners.Add(await EnrolAsync(Role.Refiner, counted));
                return null;
            case 0 or 1 when _makers.Count < 3:
                var maker = await EnrolAsync(Role.BatteryMaker, counted);
                var prefix = names.NextPrefix();
                await AdmitAsync(world.Says.Grants(maker, prefix), counted);
                _models[maker] = await AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()), counted);
                _makers.Add((maker, prefix));
                return null;
            case 2 or 3 when _miners.Count > 0:
                var miner = _miners[random.Next(_miners.Count)];
                return world.Says.Extracts(miner, Author.Uuid(), $"{random.Next(1, 100_000)}.{random.Next(1000):000}");
            case 4 when _miners.Count > 0:
                var owner = _miners[random.Next(_miners.Count)];
                _lots.Add((owner, await AdmitAsync(world.Says.Extracts(owner, Author.Uuid(), "1000"), counted)));
                return null;
            case 5 when _lots.Count > 0 && _refiners.Count > 0:
                var (giver, lot) = _lots[random.Next(_lots.Count)];
                var lines = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new GivenTo(Author.Uuid(), _refiners[random.Next(_refiners.Count)], "1.5")).ToArray();
                var giving = world.Says.Allocates(giver, lot.Entry.Subject, lines);
                await AdmitAsync(giving, counted);
                _given.AddRange(lines.Select((line, i) => (giving, i, line)));
                return null;
            case 6 when _given.Count > 0:
                var at = random.Next(_given.Count);
                var (from, number, given) = _given[at];
                _given.RemoveAt(at);
                return world.Says.Refines(given.To, given.Subject, "1.4", Author.Take(from, number, given));
            case 7 when _makers.Count > 0:
                var (builder, granted) = _makers[random.Next(_makers.Count)];
                var battery = Gs1.Item(Author.Gtin(granted + "00001"), $"N{node}-{random.Next(1000)}-{_serial++}");
                await AdmitAsync(world.Says.MakesBattery(builder, battery, _models[builder]), counted);
                await AdmitAsync(world.Says.PlacesOnMarket(builder, battery), counted);
                _batteries.Add((builder, battery));
                return null;
            case 8 or 9 or 10 when _batteries.Count > 0:
                var (by, measured) = _batteries[random.Next(_batteries.Count)];
                return world.Says.Measures(by, measured);
            case 11 when _refiners.Count > 0:
                // A refiner mines nothing.
                var answer = await world.PostAsync(world.Says.Extracts(_refiners[0], Author.Uuid()), node);
                Assert.Equal((403, "role-missing"), (answer.Status, answer.Code));
                return null;
            default:
                return null;
        }
    }

    private async Task<Party> EnrolAsync(Role role, Action counted)
    {
        var party = Party.Of($"did:web:firm-{Guid.NewGuid():N}.example");
        await AdmitAsync(world.Says.Enrols(party, role), counted);
        return party;
    }

    private async Task<SignedEntry> AdmitAsync(SignedEntry entry, Action counted)
    {
        counted();
        return await world.AdmitAsync(entry, node);
    }
}
