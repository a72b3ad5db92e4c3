using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Published;

/// <summary>The numbers and paths given in the text of C2SP tlog-tiles.</summary>
public sealed class TileVectors
{
    [Theory]
    [InlineData("tile/0/x001/x234/067", 0, 1234067, 256)]
    [InlineData("tile/0/273.p/112", 0, 273, 112)]
    [InlineData("tile/1/001.p/17", 1, 1, 17)]
    [InlineData("tile/2/000.p/1", 2, 0, 1)]
    [InlineData("tile/1/000.p/1", 1, 0, 1)]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/0/x001/000.p/255", 0, 1000, 255)]
    public void A_path_and_its_tile_name_each_other(string path, int level, int index, int width)
    {
        Assert.True(Tile.TryParse(path, out var tile));
        Assert.Equal(new Tile(level, (ulong)index, width), tile);
        Assert.Equal(path, tile.Path);
    }

    [Fact]
    public void A_bundle_stands_under_entries_with_the_number_of_its_tile()
    {
        Assert.True(Tile.TryParseEntries("tile/entries/x001/x234/067.p/8", out var tile));
        Assert.Equal(new Tile(0, 1234067, 8), tile);
        Assert.Equal("tile/entries/x001/x234/067.p/8", tile.EntriesPath);
        Assert.Throws<InvalidOperationException>(() => new Tile(1, 0, 256).EntriesPath);
    }

    [Fact]
    public void A_tree_of_70_000_has_the_tiles_the_specification_counts()
    {
        var tiles = Tile.AllOf(70_000).ToArray();

        Assert.Equal(273, tiles.Count(tile => tile is { Level: 0, IsFull: true }));
        Assert.Single(tiles, tile => tile is { Level: 1, IsFull: true });
        Assert.Equal([new Tile(0, 273, 112), new Tile(1, 1, 17), new Tile(2, 0, 1)], tiles.Where(tile => !tile.IsFull));
        Assert.Equal([new Tile(0, 273, 112), new Tile(1, 1, 17), new Tile(2, 0, 1)], Tile.PartialOf(70_000));
        Assert.Equal(273 + 1 + 3, tiles.Length);
    }

    [Fact]
    public void A_tree_of_256_has_one_full_tile_and_one_of_width_1_above_it() =>
        Assert.Equal([new Tile(0, 0, 256), new Tile(1, 0, 1)], Tile.AllOf(256));

    [Theory]
    [InlineData("tile/0/0"), InlineData("tile/0/00"), InlineData("tile/0/0000"), InlineData("tile/0/1000"), InlineData("tile/0/x000/067")]
    [InlineData("tile/0/x1/067"), InlineData("tile/0/001/067"), InlineData("tile/0/x001/x067"), InlineData("tile/0/x001"), InlineData("tile/0/X001/067")]
    [InlineData("tile/00/000"), InlineData("tile/8/000"), InlineData("tile/63/000"), InlineData("tile//000"), InlineData("tile/-1/000")]
    [InlineData("tile/0/000.p/0"), InlineData("tile/0/000.p/256"), InlineData("tile/0/000.p/01"), InlineData("tile/0/000.p/"), InlineData("tile/0/000.p")]
    [InlineData("/tile/0/000"), InlineData("tile/0/000/"), InlineData("tile/0/ 000"), InlineData("tile/0/000.p/1.p/1"), InlineData("tile/0/000.P/1")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/999"), InlineData("tile/0/0٠0"), InlineData("tile/data/000"), InlineData(""), InlineData(null)]
    public void Any_other_way_to_write_a_path_is_no_path(string? path)
    {
        Assert.False(Tile.TryParse(path, out _));
        Assert.False(Tile.TryParseEntries(path?.Replace("tile/0/", "tile/entries/", StringComparison.Ordinal), out _));
    }
}
