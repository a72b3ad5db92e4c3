namespace CriticalMinerals.Ledger;

/// <summary>A tile with its hashes as they are stored and served.</summary>
/// <param name="Tile">Its place and width.</param>
/// <param name="Bytes">The hashes, one after the other: <see cref="Tile.Length"/> bytes.</param>
public sealed record TileContent(Tile Tile, ReadOnlyMemory<byte> Bytes);
