namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>For whom something is shown, and so to what end: the groups of Regulation (EU) 2023/1542 Art. 77(2), and operators for what is their own.</summary>
public enum Audience
{
    /// <summary>Everybody: no login, no app.</summary>
    Public,

    /// <summary>Legitimate interest: whoever repairs the battery.</summary>
    Repairer,

    /// <summary>Legitimate interest: whoever remanufactures it.</summary>
    Remanufacturer,

    /// <summary>Legitimate interest: whoever prepares it for re-use or gives it another purpose.</summary>
    SecondLifeOperator,

    /// <summary>Legitimate interest: whoever collects, dismantles or recycles it.</summary>
    Recycler,

    /// <summary>Legitimate interest: whoever bought it or means to.</summary>
    Purchaser,

    /// <summary>A notified body.</summary>
    NotifiedBody,

    /// <summary>A market surveillance or customs authority.</summary>
    MarketSurveillance,

    /// <summary>The European Commission.</summary>
    Commission,

    /// <summary>Audits the ledger: reads every chain whole, values only as the public; quantities where the log's authority has granted it.</summary>
    Auditor,

    /// <summary>An operator without further purpose: everything that it signed or answers for, else as the public.</summary>
    Own,
}
