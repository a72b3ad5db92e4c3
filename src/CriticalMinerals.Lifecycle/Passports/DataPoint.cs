namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// A data point of the Commission's guidance "Digital Batteries Passport: data points by category", version 2.0 of 15 August 2026: what a passport of each
/// category holds from 18 February 2027. Guidance, not law.
/// </summary>
/// <param name="Number">Its number there, 1 to 71.</param>
/// <param name="Title">What it is.</param>
/// <param name="Vehicle">What is asked of a battery of an electric vehicle.</param>
/// <param name="LightTransport">What is asked of a battery of a light means of transport.</param>
/// <param name="Industrial">What is asked of an industrial battery, a stationary one among them.</param>
/// <param name="Attributes">The attributes that hold it; all of them.</param>
public sealed record DataPoint(int Number, string Title, Requirement Vehicle, Requirement LightTransport, Requirement Industrial, IReadOnlyList<AttributePart> Attributes);

/// <summary>An attribute, or one part of it.</summary>
/// <param name="Number">The attribute's number.</param>
/// <param name="Part">The part; null for whatever there is of it.</param>
public readonly record struct AttributePart(int Number, string? Part = null)
{
    public static implicit operator AttributePart(int number) => new(number);

    public static AttributePart ToAttributePart(int number) => new(number);
}

/// <summary>What the guidance asks of a category.</summary>
public enum Requirement
{
    /// <summary>To be filled.</summary>
    Mandatory,

    /// <summary>To be filled where it applies or is possible.</summary>
    Conditional,

    /// <summary>Not to be filled: it does not apply, or another data point says it.</summary>
    NotToBeFilled,

    /// <summary>Not to be filled or displayed yet: acts that it rests on are not adopted.</summary>
    Deferred,

    /// <summary>Asked of nobody.</summary>
    Optional,
}
