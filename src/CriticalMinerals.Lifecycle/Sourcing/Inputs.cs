namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>Where the inputs of a product come from when no giver signed for them.</summary>
public enum InputSource
{
    /// <summary>Some or all inputs have no giver's signature: never blocked, always shown as not traced.</summary>
    Declared,
}

/// <summary>The rule that what is made is made of something.</summary>
internal static class Inputs
{
    internal static Refusal? Check(Situation now, InputSource? source) =>
        now.Entry.Taken.Count > 0 || source == InputSource.Declared
            ? null
            : new Refusal(RefusalCode.InputsMissing, "in names the lines that went in; inputs without a giver's signature are said by source: declared.");
}
