using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>
/// A battery on the market, with a value of each class that is found again in whatever shows it: of its model a part number (R) and a test report (C), of
/// itself a measurement (U); with a document that a disclosure of the model names.
/// </summary>
internal sealed record MarkedBattery(Party Maker, SignedEntry Model, SignedEntry Made, IReadOnlyDictionary<AccessClass, string> Marks, IReadOnlyList<SignedEntry> Marking, string Document)
{
    public string Name => Made.Entry.Subject;

    public string Path => $"/id/{Name["urn:uuid:".Length..]}";

    public string Evidence => $"/evidence?sub={Name}";

    public string Readings => $"/readings?sub={Name}";

    public string Attachment => $"/attachments/{Document}";

    /// <param name="sister">One of the same model, whose marks of the model it shares.</param>
    public static async Task<MarkedBattery> MakeAsync(World world, MarkedBattery? sister = null)
    {
        var maker = await world.AnAsync(Role.BatteryMaker);
        var model = sister?.Model ?? await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        var made = await world.AdmitAsync(world.Says.MakesBattery(maker, Author.Uuid(), model));
        await world.AdmitAsync(world.Says.PlacesOnMarket(maker, made.Entry.Subject));
        var marks = new Dictionary<AccessClass, string>
        {
            [AccessClass.R] = sister?.Marks[AccessClass.R] ?? $"PART{RandomNumberGenerator.GetHexString(12)}",
            [AccessClass.U] = $"9{RandomNumberGenerator.GetInt32(1, 10)}.{RandomNumberGenerator.GetInt32(100_000, 1_000_000) | 1}",
            [AccessClass.C] = sister?.Marks[AccessClass.C] ?? $"REPORT{RandomNumberGenerator.GetHexString(12)}",
        };
        var (declared, document) = sister is null ? await DeclareAsync(world, maker, model.Entry.Subject, marks) : (sister.Marking.Take(2), sister.Document);
        var measured = await world.AdmitAsync(world.Says.Sign(maker, "health-measured.v1", made.Entry.Subject, hidden: new JsonObject { ["stateOfCertifiedEnergy"] = marks[AccessClass.U] }));
        return new MarkedBattery(maker, model, made, marks, [.. declared, measured], document);
    }

    /// <summary>Classes of which something stands in an answer: as a value, or as the disclosure that says it.</summary>
    public string Shown(Heard heard)
    {
        var text = heard.Text;
        bool Says(AccessClass access) => text.Contains(Marks[access], StringComparison.Ordinal) || Marking.SelectMany(m => m.Disclosures)
            .Any(d => d.Value.GetRawText().Contains(Marks[access], StringComparison.Ordinal) && text.Contains(d.Text, StringComparison.Ordinal));
        return string.Concat(Marks.Keys.Where(Says).Select(a => a.ToString()).Order(StringComparer.Ordinal));
    }

    private static async Task<(IEnumerable<SignedEntry> Declared, string Document)> DeclareAsync(World world, Party maker, string model, Dictionary<AccessClass, string> marks)
    {
        var bytes = RandomNumberGenerator.GetBytes(500);
        JsonObject Named(string title, byte[]? nonce)
        {
            var document = new JsonObject { ["title"] = title, ["mediaType"] = "application/pdf", ["size"] = bytes.Length, ["sha256"] = Digest.Sha256([.. nonce ?? [], .. bytes]).ToString() };
            if (nonce is not null)
            {
                document["nonce"] = StrictBase64Url.Encode(nonce);
            }

            return document;
        }

        var dismantling = Named("Dismantling", RandomNumberGenerator.GetBytes(16));
        var name = (string)dismantling["sha256"]!;
        SignedEntry[] declared =
        [
            await world.AdmitAsync(world.Says.Sign(maker, "circularity-declared.v1", model, hidden: new JsonObject
            {
                ["spareParts"] = new JsonArray(new JsonObject { ["name"] = "module", ["partNumber"] = marks[AccessClass.R], ["source"] = "Example" }),
                ["dismantling"] = new JsonArray(dismantling),
            })),
            await world.AdmitAsync(world.Says.Sign(
                maker, "conformity-declared.v1", model,
                new JsonObject { ["declaration"] = Named("Declaration", null), ["declarationNumber"] = "1" },
                new JsonObject { ["testReports"] = new JsonArray(Named(marks[AccessClass.C], RandomNumberGenerator.GetBytes(16))) })),
        ];
        Assert.Equal("201", (await world.BringAsync(maker, name, bytes)).ToString());
        return (declared, name);
    }
}
