using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CsCheck;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>What two JSON parsers could read differently is refused, and the fault says which rule it broke.</summary>
public sealed class StrictJsonText
{
    private static readonly string[] Pieces = ["{", "}", "[", "]", "\"a\"", ":", ",", "1", "-0", "\"\\ud800\"", "\\", "\u202e", "null", " "];

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"b":{"c":[{"x":1,"y":2,"x":3}]}}""")]
    [InlineData("""[[{"a":{},"a":{}}]]""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"":1,"":2}""")]
    public void A_member_name_twice_in_one_object_is_refused_at_any_depth(string json) => Refuses(json, Failure.JsonDuplicateMember);

    [Theory]
    [InlineData("""{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}""")]
    [InlineData("""{"a":1,"A":2}""")]
    [InlineData("{\"\u00e4\":1,\"a\u0308\":2}")] // no normalisation, so two names
    [InlineData(" { \"b\" : [ ] ,\r\n\t\"a\" : true } ")]
    public void The_same_name_in_other_objects_any_order_and_white_space_are_free(string json) => Accepts(json);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Sixteen_levels_are_read_and_seventeen_are_not(string open, string close)
    {
        string Nested(int levels) => string.Concat(Enumerable.Repeat(open, levels - 1)) + (open == "[" ? "[]" : "{}") + string.Concat(Enumerable.Repeat(close, levels - 1));
        Accepts(Nested(1));
        Accepts(Nested(16));
        Refuses(Nested(17), Failure.JsonTooDeep);
        Refuses(Nested(18), Failure.JsonTooDeep);
        Refuses(Nested(2000), Failure.JsonTooDeep);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{} 1")]
    [InlineData("[1,]")]
    [InlineData("""{"a":1,}""")]
    [InlineData("{'a':1}")]
    [InlineData("[1]//comment")]
    [InlineData("[/**/1]")]
    [InlineData("[NaN]")]
    [InlineData("[Infinity]")]
    [InlineData("[01]")]
    [InlineData("[+1]")]
    [InlineData("[1.]")]
    [InlineData("[.1]")]
    [InlineData("[\"a\tb\"]")]
    [InlineData("[\"\\x41\"]")]
    [InlineData("[True]")]
    [InlineData("\uFEFF{}")]
    [InlineData("[[[[[[[[[[[[[[[[ x")] // damage at the deepest allowed level is damage, not depth
    public void What_is_not_one_JSON_value_is_malformed(string json) => Refuses(json, Failure.JsonMalformed);

    [Theory]
    [InlineData("5b22c0af225d")] // overlong
    [InlineData("5b22eda080225d")] // a surrogate in UTF-8
    [InlineData("5b22f4908080225d")] // beyond U+10FFFF
    [InlineData("5b22c3225d")] // cut
    [InlineData("fffe5b005d00")] // UTF-16
    public void Bytes_that_are_not_UTF_8_are_malformed(string hex)
    {
        Assert.Null(StrictJson.Parse(Convert.FromHexString(hex), out var fault));
        Assert.Equal(Failure.JsonMalformed, fault!.Failure);
    }

    [Theory]
    [InlineData("""["\ud800"]""")]
    [InlineData("""["\udc00"]""")]
    [InlineData("""["\udc00\ud800"]""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""["\ud800a"]""")]
    [InlineData("""["\u0000"]""")]
    [InlineData("""{"a\u0000":1}""")]
    public void Unpaired_surrogates_and_U_0000_are_refused_in_names_and_values(string json) => Refuses(json, Failure.JsonTextForbidden);

    public static TheoryData<int> Forbidden =>
        [.. (int[])[0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0x10FFFE, 0x10FFFF, 0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069]];

    [Theory, MemberData(nameof(Forbidden))]
    public void Noncharacters_and_bidirectional_controls_are_refused_plain_and_escaped(int scalar)
    {
        var text = char.ConvertFromUtf32(scalar);
        Refuses($"[\"a{text}\"]", Failure.JsonTextForbidden);
        Refuses($"{{\"{text}\":1}}", Failure.JsonTextForbidden);
        Refuses($"[\"{string.Concat(text.Select(c => $"\\u{(int)c:x4}"))}\"]", Failure.JsonTextForbidden);
    }

    [Theory]
    [InlineData(0x1)]
    [InlineData(0x7F)]
    [InlineData(0xFDCF)]
    [InlineData(0xFDF0)]
    [InlineData(0xFFFD)]
    [InlineData(0x061B)]
    [InlineData(0x200D)]
    [InlineData(0x2010)]
    [InlineData(0x2029)]
    [InlineData(0x202F)]
    [InlineData(0x2065)]
    [InlineData(0x206A)]
    [InlineData(0x1F50B)]
    [InlineData(0x10FFFD)]
    public void The_neighbours_of_what_is_forbidden_are_text(int scalar) =>
        Accepts($"[\"{string.Concat(char.ConvertFromUtf32(scalar).Select(c => $"\\u{(int)c:x4}"))}\"]");

    [Theory]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1E3")]
    [InlineData("-0")]
    [InlineData("0.0")]
    [InlineData("-0.0")]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("99999999999999999999999999999999999999")]
    [InlineData("18446744073709551616")]
    public void A_number_that_readers_round_or_write_differently_is_refused(string number)
    {
        Refuses($"[{number}]", Failure.JsonNumberForbidden);
        Refuses($$"""{"a":{{number}}}""", Failure.JsonNumberForbidden);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("9007199254740991")]
    [InlineData("-9007199254740991")]
    public void Integers_within_two_to_the_53_are_numbers(string number) => Accepts($"[{number}]");

    [Fact]
    public void No_bytes_make_it_throw() =>
        Gen.Frequency((1, Gen.Byte.Array[0, 60]), (3, Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 40]
                .Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)))))
            .Sample(bytes => (StrictJson.Parse(bytes, out var fault) is null) == (fault is not null));

    private static void Refuses(string json, Failure expected)
    {
        Assert.Null(StrictJson.Parse(Encoding.UTF8.GetBytes(json), out var fault));
        Assert.Equal(expected, fault!.Failure);
    }

    private static void Accepts(string json)
    {
        Assert.NotNull(StrictJson.Parse(Encoding.UTF8.GetBytes(json), out var fault));
        Assert.Null(fault);
    }
}
