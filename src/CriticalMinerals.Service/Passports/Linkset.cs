using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Passports;

/// <summary>What there is under a battery's address (RFC 9264), with the link types of the GS1 web vocabulary.</summary>
public static class Linkset
{
    private const string Vocabulary = "https://ref.gs1.org/voc/";
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON text; the same battery and address give the same bytes.</summary>
    public static byte[] Of(string battery, PublicAddress address)
    {
        var page = address.Of(battery);
        JsonArray Link(string href, string title, string type) =>
            [new JsonObject { ["href"] = href, ["title"] = title, ["type"] = type, ["hreflang"] = new JsonArray("en") }];
        var links = new JsonObject
        {
            ["anchor"] = page,
            ["itemDescription"] = "Battery " + (Gs1.Path(battery) ?? battery),
            [Vocabulary + "defaultLink"] = Link(page, "Battery passport", "text/html"),
            [Vocabulary + "pip"] = Link(page, "Battery passport", "text/html"),
            [Vocabulary + "dpp"] = Link(page, "Battery passport as data", "application/json"),
            [Vocabulary + "verificationService"] = Link(page + "?linkType=evidence", "Evidence, to be checked offline", Representations.EvidenceType),
        };
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["linkset"] = new JsonArray(links) }, Compact);
    }
}
