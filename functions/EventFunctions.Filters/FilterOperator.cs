namespace EventFunctions.Filters;

/// <summary>The operators of Event Grid's advanced filters. Names, and so configuration, are the service's.</summary>
public enum FilterOperator
{
    /// <summary>One of the numbers.</summary>
    NumberIn,

    /// <summary>Equals no number of the list, or the key is missing.</summary>
    NumberNotIn,

    /// <summary>Less than the number.</summary>
    NumberLessThan,

    /// <summary>Greater than the number.</summary>
    NumberGreaterThan,

    /// <summary>The number or less.</summary>
    NumberLessThanOrEquals,

    /// <summary>The number or greater.</summary>
    NumberGreaterThanOrEquals,

    /// <summary>Within one of the ranges, ends included.</summary>
    NumberInRange,

    /// <summary>Lies in no range of the list, or the key is missing.</summary>
    NumberNotInRange,

    /// <summary>The truth value.</summary>
    BoolEquals,

    /// <summary>Contains one of the strings.</summary>
    StringContains,

    /// <summary>Exists and contains no string of the list.</summary>
    StringNotContains,

    /// <summary>Begins with one of the strings.</summary>
    StringBeginsWith,

    /// <summary>Exists and begins with no string of the list.</summary>
    StringNotBeginsWith,

    /// <summary>Ends with one of the strings.</summary>
    StringEndsWith,

    /// <summary>Exists and ends with no string of the list.</summary>
    StringNotEndsWith,

    /// <summary>One of the strings.</summary>
    StringIn,

    /// <summary>Equals no string of the list, or the key is missing.</summary>
    StringNotIn,

    /// <summary>Is null or not there.</summary>
    IsNullOrUndefined,

    /// <summary>Is there and not null.</summary>
    IsNotNull,
}
