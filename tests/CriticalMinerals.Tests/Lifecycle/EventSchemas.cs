using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using NJsonSchema;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>The schemas under schemas/events are what the records say. <c>UPDATE_SCHEMAS=1</c> on the run writes them anew.</summary>
public sealed class EventSchemas
{
    private const string Start = "<!-- events -->";
    private const string End = "<!-- /events -->";

    public static TheoryData<string> Names => [.. EventCatalog.All.Select(t => t.Name)];

    private static bool Updates => Environment.GetEnvironmentVariable("UPDATE_SCHEMAS") == "1";

    [Theory, MemberData(nameof(Names))]
    public void The_committed_schema_is_the_one_that_the_record_exports(string name)
    {
        var file = Path.Combine(Folder(), "events", $"{name}.schema.json");
        var exported = EventSchema.Export(EventCatalog.Find(name)!);
        if (Updates)
        {
            File.WriteAllText(file, exported, new UTF8Encoding(false));
        }

        Assert.Equal(exported, File.ReadAllText(file));
    }

    [Fact]
    public void No_schema_is_without_its_event() =>
        Assert.Equal(
            EventCatalog.All.Select(t => $"{t.Name}.schema.json").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Path.Combine(Folder(), "events")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void The_index_lists_every_event()
    {
        var file = Path.Combine(Folder(), "README.md");
        var text = File.ReadAllText(file);
        var (from, to) = (text.IndexOf(Start, StringComparison.Ordinal) + Start.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = new StringBuilder("\n| event | what happened | stands on | takes | signed by |\n| --- | --- | --- | --- | --- |\n");
        foreach (var type in EventCatalog.All)
        {
            var schema = JsonNode.Parse(EventSchema.Export(type))!;
            table.Append($"| [`{type.Name}`](events/{type.Name}.schema.json) | {type.Description} | ");
            table.Append($"{string.Join(", ", schema["x-chains"]!.AsArray())}{(type.Standing == Standing.Continues ? "" : type.Standing == Standing.Opens ? " (opens it)" : " (may open it)")} | ");
            table.Append($"{string.Join(", ", schema["x-takes"]?.AsArray().Select(p => p!.ToString()) ?? [])} | ");
            table.Append($"{string.Join("; ", schema["x-signed-by"]!.AsArray())} |\n");
        }

        if (Updates)
        {
            File.WriteAllText(file, text[..from] + table + text[to..], new UTF8Encoding(false));
            return;
        }

        Assert.Equal(table.ToString(), text[from..to]);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task The_example_satisfies_its_schema_and_damage_does_not(string name)
    {
        var text = EventSchema.Export(EventCatalog.Find(name)!);
        var schema = await JsonSchema.FromJsonAsync(text, TestContext.Current.CancellationToken);
        var example = JsonNode.Parse(text)!["examples"]![0]!.AsObject();
        Assert.Empty(schema.Validate(example.ToJsonString()));

        var stranger = example.DeepClone().AsObject();
        stranger["Stranger"] = 1;
        Assert.NotEmpty(schema.Validate(stranger.ToJsonString()));
        foreach (var required in schema.RequiredProperties)
        {
            var lacking = example.DeepClone().AsObject();
            lacking.Remove(required);
            Assert.NotEmpty(schema.Validate(lacking.ToJsonString()));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_example_is_signed_read_and_written_without_a_change(string name)
    {
        var type = EventCatalog.Find(name)!;
        var signed = Sign(type, EventSchema.Example(type));
        var again = SignedEntry.Parse(Encoding.ASCII.GetBytes(signed.ToSdJwt()), out var fault);
        Assert.Null(fault);

        var candidate = Candidate.Read(again!, out var refusal);
        Assert.True(candidate is not null, refusal?.ToString());
        Assert.IsType(type.Record, candidate.Event);
        Assert.Equal(signed.Entry.LeafHash, again!.Entry.LeafHash);
        foreach (var claim in type.Claims.Where(c => c.Claim.Kind != ClaimKind.Erasable))
        {
            Assert.NotNull(claim.Property.GetValue(candidate.Event));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_property_in_the_wrong_place_or_left_out_is_refused(string name)
    {
        var type = EventCatalog.Find(name)!;
        var example = EventSchema.Example(type);
        foreach (var claim in type.Claims.Where(c => example.ContainsKey(c.Name)))
        {
            Candidate.Read(Sign(type, example, misplaced: claim.Name), out var refusal);
            Assert.Equal(claim.IsDisclosed ? RefusalCode.ClaimInClear : RefusalCode.ClaimDisclosed, refusal?.Code);

            var lacking = (JsonObject)example.DeepClone();
            lacking.Remove(claim.Name);
            Candidate.Read(Sign(type, lacking), out refusal);
            var needed = claim.IsRequiredInClear || claim.Claim.Required;
            Assert.Equal(needed, refusal is not null);
        }
    }

    private static SignedEntry Sign(EventType type, JsonObject data, string? misplaced = null)
    {
        var target = data["event"] is { } corrected ? EventCatalog.Find(corrected.GetValue<string>()) : null;
        bool IsHidden(string member) =>
            (SignedEntry.IsLineMember(member) || (type.Claim(member) ?? target?.Claim(member))?.IsDisclosed == true) != (member == misplaced);
        return new World().Sign(
            Party.Of("did:web:mine.example"), type.Name, World.Uuid(),
            new JsonObject(data.Where(p => !IsHidden(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))),
            new JsonObject(data.Where(p => IsHidden(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../schemas"));
}
