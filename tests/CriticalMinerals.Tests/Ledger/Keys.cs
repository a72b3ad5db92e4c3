using System.Text.Json;
using CriticalMinerals.Ledger;
using CsCheck;

namespace CriticalMinerals.Tests.Ledger;

public sealed class Keys
{
    private const string X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    private const string Origin = "ledger.example.com/log/2026";
    private const string Mine = "did:web:mine.example";

    [Fact]
    public void A_key_survives_each_of_its_text_forms()
    {
        using var key = SigningKey.Generate();
        using var again = SigningKey.FromPem(key.ToPem(), out _)!;
        var verifying = key.VerifyingKey;

        Assert.Equal(verifying, again.VerifyingKey);
        Assert.Equal(key.Sign("text"u8), again.Sign("text"u8));
        Assert.Equal(verifying, VerifyingKey.FromPem(verifying.ToPem(), out _));
        Assert.Equal(verifying, VerifyingKey.FromX(verifying.X, out _));
        Assert.Equal(verifying, VerifyingKey.FromJwk(JsonElement.Parse(verifying.ToJwk()), out _));
        Assert.Equal(verifying, VerifyingKey.Import(verifying.ToArray(), out _));
    }

    [Theory]
    [InlineData("""{"kty":"OKP","crv":"Ed25519"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"1"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}""")]
    [InlineData("""{"kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"EC","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":1}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"\ud800"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","\ud800":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""["OKP","Ed25519","11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]""")]
    [InlineData("null")]
    public void Only_an_object_with_exactly_kty_crv_and_x_is_a_key(string json)
    {
        Assert.Null(VerifyingKey.FromJwk(JsonElement.Parse(json), out var fault));
        Assert.Equal(Failure.KeyMalformed, fault!.Failure);
    }

    [Fact]
    public void The_order_of_the_members_does_not_matter() =>
        Assert.Equal(X, VerifyingKey.FromJwk(JsonElement.Parse($$"""{"x":"{{X}}","kty":"OKP","crv":"Ed25519"}"""), out _)!.X);

    [Theory, InlineData(0), InlineData(31), InlineData(33), InlineData(64)]
    public void A_key_of_another_length_is_malformed(int length)
    {
        Assert.Null(VerifyingKey.Import(new byte[length], out var fault));
        Assert.Equal(Failure.KeyMalformed, fault!.Failure);
        Assert.Throws<ArgumentException>(() => SigningKey.FromSeed(new byte[length]));
    }

    [Fact]
    public void Damaged_PEM_texts_give_another_key_or_a_fault_but_never_throw()
    {
        using var key = SigningKey.FromSeed(new byte[32]);
        var pem = key.ToPem();
        (from at in Gen.Int[0, pem.Length - 1] from length in Gen.Int[0, 8] from text in Gen.String[0, 8] select (at, length, text)).Sample(change =>
        {
            var damaged = pem.Remove(change.at, Math.Min(change.length, pem.Length - change.at)).Insert(change.at, change.text);
            using var read = SigningKey.FromPem(damaged, out var fault);
            return read is null == fault is not null && VerifyingKey.FromPem(damaged, out _) is null;
        });
    }

    [Fact]
    public void A_public_key_file_is_no_private_key_file_and_two_keys_are_none()
    {
        using var key = SigningKey.Generate();

        Assert.Null(SigningKey.FromPem(key.VerifyingKey.ToPem(), out _));
        Assert.Null(SigningKey.FromPem(key.ToPem() + key.ToPem(), out _));
        Assert.Null(SigningKey.FromPem("my key:\n" + key.ToPem(), out _));
        Assert.Null(VerifyingKey.FromPem(key.VerifyingKey.ToPem() + key.VerifyingKey.ToPem(), out _));
    }

    [Fact]
    public void A_proof_of_possession_holds_for_the_names_it_was_made_for_and_no_others()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var proof = KeyProof.Make(key, Origin, Mine, Mine + "#k1", "operator");

        Assert.True(KeyProof.Verify(key.VerifyingKey, Origin, Mine, Mine + "#k1", "operator", proof));
        Assert.False(KeyProof.Verify(other.VerifyingKey, Origin, Mine, Mine + "#k1", "operator", proof));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin + "/2", Mine, Mine + "#k1", "operator", proof));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, "did:web:other.example", Mine + "#k1", "operator", proof));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, Mine, Mine + "#k2", "operator", proof));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, Mine, Mine + "#k1", "authority", proof));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, Mine, Mine + "#k1", "operator", proof[1..]));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, Mine, Mine + "#k1", "operator", proof + "="));
    }

    [Fact]
    public void The_signed_text_of_a_proof_of_possession_is_the_specified_one()
    {
        using var key = SigningKey.FromSeed(new byte[32]);
        var text = $"cm-key/v1\nledger.example.com/log/2026\ndid:web:mine.example\ndid:web:mine.example#k1\noperator\n{key.VerifyingKey.X}\n";

        Assert.Equal(StrictBase64Url.Encode(key.Sign(System.Text.Encoding.ASCII.GetBytes(text))), KeyProof.Make(key, Origin, Mine, Mine + "#k1", "operator"));
    }

    [Fact]
    public void Names_cannot_move_over_a_line_end_from_one_place_of_the_proof_to_the_next()
    {
        using var key = SigningKey.Generate();

        Assert.Throws<ArgumentException>(() => KeyProof.Make(key, Origin + "\n" + Mine, Mine, Mine + "#k1", "operator"));
        Assert.False(KeyProof.Verify(key.VerifyingKey, Origin, Mine + "\n" + Mine, "#k1", "operator", new string('A', 86)));
    }
}
