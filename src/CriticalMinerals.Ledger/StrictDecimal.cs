namespace CriticalMinerals.Ledger;

/// <summary>Whole numbers with one text each: ASCII digits, no sign, no leading zero but for 0 itself.</summary>
internal static class StrictDecimal
{
    /// <summary>False for anything else, and for numbers beyond 2^64 − 1.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > 20 || text.ContainsAnyExceptInRange('0', '9') || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        return ulong.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
