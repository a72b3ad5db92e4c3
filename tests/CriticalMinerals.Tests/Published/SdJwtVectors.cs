using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Published;

/// <summary>RFC 9901, Selective Disclosure for JSON Web Tokens.</summary>
public sealed class SdJwtVectors
{
    // Section 4.2.1: ["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]; section 4.2.3: its digest.
    private const string FamilyName = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";

    [Fact]
    public void The_digest_of_section_4_2_3_is_over_the_characters_of_the_disclosure() =>
        Assert.Equal("X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0", Digest.Sha256(System.Text.Encoding.ASCII.GetBytes(FamilyName)).ToString());

    // Section 5.1, claim email: a name of our grammar, so the disclosure is read whole.
    [Theory]
    [InlineData("WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ", "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE", "email")]
    public void A_disclosure_of_section_5_1_has_its_published_digest(string text, string digest, string name)
    {
        var disclosure = Disclosure.Parse(text, out var fault);
        Assert.Null(fault);
        Assert.Equal(name, disclosure!.Name);
        Assert.Equal(digest, disclosure.Digest.ToString());
    }

    [Fact]
    public void White_space_and_escapes_of_the_sender_are_kept_because_the_digest_is_over_them()
    {
        // Section 4.2.1 shows that one array has many encodings; each has its own digest.
        var spaced = Disclosure.Parse(Encoded("[\"_26bc4LT-ac6q2KI6cBW5es\", \"name\", \"M\u00f6bius\"]"), out _)!;
        var escaped = Disclosure.Parse(Encoded("[\"_26bc4LT-ac6q2KI6cBW5es\",\"name\",\"M\\u00f6bius\"]"), out _)!;
        Assert.Equal(spaced.Value.GetString(), escaped.Value.GetString());
        Assert.NotEqual(spaced.Digest, escaped.Digest);
    }

    private static string Encoded(string json) => StrictBase64Url.Encode(System.Text.Encoding.UTF8.GetBytes(json));
}
