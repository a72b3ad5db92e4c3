using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using CriticalMinerals.Service.Tests.Visibility;

[assembly: AssemblyFixture(typeof(RestrictedWorld))]

namespace CriticalMinerals.Service.Tests.Visibility;

/// <summary>A disclosed property of an entry, and words by which its value is known wherever it turns up.</summary>
public sealed record Secret(SignedEntry Signed, EventClaim Claim, Disclosure Disclosure, string? Canary);

/// <summary>Somebody who asks: with which key, and as whom.</summary>
public sealed record Asker(string Name, Party? Party, string? Purpose);

/// <summary>
/// A ledger that keeps closed what is closed, with one battery of which every disclosed property is stated that a model sheet or a battery in use can have,
/// each text and quantity a canary; and one of every kind of reader.
/// </summary>
public sealed class RestrictedWorld : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private readonly List<Secret> _secrets = [];
    private World? _world;
    private Task? _told;
    private int _canaries;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public World World => _world!;

    public Party Maker { get; private set; } = null!;

    public string Model { get; private set; } = "";

    public string Battery { get; private set; } = "";

    /// <summary>The document that only a disclosure names.</summary>
    public string Document { get; private set; } = "";

    public byte[] DocumentBytes { get; } = Encoding.UTF8.GetBytes("CANARY-DOCUMENT " + Guid.NewGuid());

    public IReadOnlyList<Secret> Secrets => _secrets;

    public async Task<RestrictedWorld> GetAsync(PostgresServer postgres)
    {
        await _once.WaitAsync(Cancel);
        try
        {
            if (_world is null)
            {
                _world = await World.AnOpenLogAsync(postgres, publicEntries: false);
                _told = TellAsync();
            }

            await _told!;
            return this;
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>The answer to somebody's request.</summary>
    public async Task<HttpResponseMessage> AskAsync(Asker who, string path, string accept = "application/json", HttpMethod? method = null)
    {
        var address = new Uri(World.Http().BaseAddress!, path);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        if (who.Party is { } party)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new Client.Caller(World.Says.Origin, party.KeyId, party.Key, who.Purpose).TokenFor(request.Method, address).Text);
        }

        return await World.Http().SendAsync(request, Cancel);
    }

    public async Task<string> TextAsync(Asker who, string path, string accept = "application/json")
    {
        using var answer = await AskAsync(who, path, accept);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    public async Task<Asker> AnAsync(string name, Role role, string? purpose) => new(name, await World.AnAsync(role), purpose);

    public string PathOf(string battery) => "/" + Gs1.Path(battery);

    /// <summary>Says an event as its schema's example shows it, each disclosed text and quantity replaced by a canary.</summary>
    public async Task<SignedEntry> SayAsync(Party by, string name, string subject, JsonObject? changed = null)
    {
        var type = EventCatalog.Find(name)!;
        var (clear, hidden, words) = (new JsonObject(), new JsonObject(), new Dictionary<string, string?>(StringComparer.Ordinal));
        var data = new JsonObject(EventSchema.Example(type).Where(m => type.Claim(m.Key) is not null).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        foreach (var claim in type.Claims.Where(c => c.IsDisclosed))
        {
            words[claim.Name] = Canary(claim) is { } canary && changed?.ContainsKey(claim.Name) != true ? canary : null;
            if (words[claim.Name] is { } word)
            {
                data[claim.Name] = word;
            }
        }

        foreach (var claim in type.Claims.Where(c => c.IsDisclosed && (c.Property.PropertyType == typeof(Document) || c.Property.PropertyType == typeof(IReadOnlyList<Document>))))
        {
            if ((data[claim.Name] is JsonArray many ? many[0] : data[claim.Name]) is JsonObject document)
            {
                document["title"] = words[claim.Name] = string.Create(CultureInfo.InvariantCulture, $"CANARY-{++_canaries:0000}-{Guid.NewGuid():N}");
            }
        }

        foreach (var (member, value) in changed ?? [])
        {
            data[member] = value?.DeepClone();
        }

        foreach (var (member, value) in data.Where(m => m.Value is not null))
        {
            (type.Claim(member)?.IsDisclosed == true ? hidden : clear)[member] = value!.DeepClone();
        }

        var signed = await World.AdmitAsync(World.Says.Sign(by, name, subject, clear, hidden));
        _secrets.AddRange(signed.Disclosures.Select(d => new Secret(signed, type.Claim(d.Name)!, d, words.GetValueOrDefault(d.Name))));
        return signed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }

        _once.Dispose();
    }

    private async Task TellAsync()
    {
        Maker = await World.AnAsync(Role.BatteryMaker);
        (Model, Battery) = (Author.Uuid(), Author.Uuid());
        var sheet = await SayAsync(Maker, "model-declared.v1", Model);
        foreach (var section in EventCatalog.All.Where(t => t.Standing == Standing.Continues && t.Chains is [ChainKind.Model]))
        {
            await SayAsync(Maker, section.Name, Model);
        }

        await SayAsync(Maker, "battery-manufactured.v1", Battery, new JsonObject
        {
            ["source"] = "declared",
            ["aliases"] = null,
            ["ref"] = new JsonArray(new JsonObject { ["h"] = sheet.Entry.LeafHash.ToString(), ["sub"] = Model }),
        });
        foreach (var name in (string[])["passport-issued.v1", "passport-registered.v1", "label-issued.v1", "battery-placed-on-market.v1", "battery-sold.v1", "put-into-service.v1", "health-measured.v1", "repaired.v1", "battery-swapped.v1"])
        {
            await SayAsync(Maker, name, Battery);
        }

        var nonce = RandomNumberGenerator.GetBytes(16);
        Document = Digest.Sha256([.. nonce, .. DocumentBytes]).ToString();
        await SayAsync(Maker, "incident-reported.v1", Battery, new JsonObject
        {
            ["report"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "text/plain", ["size"] = DocumentBytes.Length, ["sha256"] = Document, ["nonce"] = StrictBase64Url.Encode(nonce) },
        });
        Assert.Equal("201", (await World.BringAsync(Maker, Document, DocumentBytes)).ToString());

        await SayAsync(Maker, "collected.v1", Battery);
    }

    // Nine digits after the point and a text that no other value has.
    private string? Canary(EventClaim claim)
    {
        var number = ++_canaries;
        var type = Nullable.GetUnderlyingType(claim.Property.PropertyType) ?? claim.Property.PropertyType;
        if (type == typeof(Quantity))
        {
            bool Fits(string? bound, Func<decimal, bool> fits) => bound is null || fits(decimal.Parse(bound, CultureInfo.InvariantCulture));
            return Fits(claim.Claim.Minimum, m => m <= 1) && Fits(claim.Claim.Maximum, m => m >= 2) ? string.Create(CultureInfo.InvariantCulture, $"1.73{number:0000}{Math.Abs(Random.Shared.Next() % 900) + 100}") : null;
        }

        return type != typeof(string) ? null
            : claim.Name == "vehicle" ? string.Create(CultureInfo.InvariantCulture, $"CANARY{number:00000000000}").Replace('I', 'X').Replace('O', 'X')
            : claim.Claim.Kind == ClaimKind.Erasable ? string.Create(CultureInfo.InvariantCulture, $"CANARY-{number:0000}-{Guid.NewGuid():N}")
            : null;
    }
}
