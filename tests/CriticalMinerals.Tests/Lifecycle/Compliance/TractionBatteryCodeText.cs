using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

public sealed class TractionBatteryCodeText
{
    /// <summary>Printed on sold cells: EVE and CATL.</summary>
    [Theory]
    [InlineData("04QCB76836300JBC40000903", "04Q", 'B', "76", "836300J", "2021-12-04", 903)]
    [InlineData("001CB240000003B3C0221953", "001", 'B', "24", "0000003", "2021-03-12", 221953)]
    public void Codes_printed_on_cells_are_read_and_written_as_they_are(string text, string maker, char type, string specification, string trace, string date, int serial)
    {
        var code = TractionBatteryCode.Parse(text, out var wrong);

        Assert.Null(wrong);
        Assert.NotNull(code);
        Assert.Equal((maker, TractionBatteryLevel.Cell, type, specification, trace), (code.Manufacturer, code.Level, code.BatteryType, code.Specification, code.Trace));
        Assert.Equal((DateOnly.Parse(date), serial, false), (code.Date, code.Serial, code.IsSecondUse));
        Assert.Equal(text, code.ToString());
        Assert.Equal(code, TractionBatteryCode.Of(maker, TractionBatteryLevel.Cell, type, specification, trace, code.Date, serial));
    }

    [Fact]
    public void Every_day_from_2011_to_2040_has_one_code_that_reads_back_as_that_day()
    {
        for (var day = new DateOnly(2011, 1, 1); day <= new DateOnly(2040, 12, 31); day = day.AddDays(1))
        {
            var code = TractionBatteryCode.Of("03U", TractionBatteryLevel.Pack, 'E', "0A", null, day, 9_999_999, TractionBatteryLevel.Module);
            Assert.Equal(19, code.ToString().Length);
            Assert.Equal(day, TractionBatteryCode.Parse(code.ToString(), out _)!.Date);
        }

        Assert.Throws<ArgumentException>(() => TractionBatteryCode.Of("03U", TractionBatteryLevel.Pack, 'E', "0A", "0000000", new DateOnly(2041, 1, 1), 1));
        Assert.Throws<ArgumentException>(() => TractionBatteryCode.Of("03U", TractionBatteryLevel.Pack, 'E', "0A", "0000000", new DateOnly(2030, 1, 1), 0));
        Assert.Throws<ArgumentException>(() => TractionBatteryCode.Of("03", TractionBatteryLevel.Pack, 'E', "00A", "0000000", new DateOnly(2030, 1, 1), 1));
    }

    [Theory]
    [InlineData("04QCB76836300JBC4000090", "23 characters")]
    [InlineData("04qCB76836300JBC40000903", "capital")]
    [InlineData("04QXB76836300JBC40000903", "character 4")]
    [InlineData("04QCH76836300JBC40000903", "character 5")]
    [InlineData("04QCB76836300JUC40000903", "year")]
    [InlineData("04QCB76836300J0C40000903", "year")]
    [InlineData("04QCB76836300JBD40000903", "month")]
    [InlineData("04QCB76836300JBCU0000903", "day")]
    [InlineData("04QCB76836300JB2Y0000903", "no day 30 in month 2 of 2021")]
    [InlineData("04QCB76836300JB400000903", "no day 31 in month 4 of 2021")]
    [InlineData("04QCB76836300JBC4000090A", "seven digits")]
    [InlineData("04QCB76836300JBC40000000", "begin at 1")]
    [InlineData("04QPE28GB20000001XP", "R and P, M or C")]
    [InlineData("04QPE28GB20000001RX", "R and P, M or C")]
    public void What_is_no_code_is_refused_with_what_is_wrong(string text, string reason)
    {
        Assert.Null(TractionBatteryCode.Parse(text, out var wrong));
        Assert.Contains(reason, wrong, StringComparison.Ordinal);
    }
}
