using System.Collections.Concurrent;

namespace EventFunctions.Local.SampleProducer;

/// <summary>
/// The current rules and how often each applied. A rule for a subject precedes one for a range, and that one precedes a rule for all.
/// </summary>
internal sealed class ProducerBehaviour
{
    private volatile RuleBook _book = new([]);

    /// <summary>The rules in force.</summary>
    public IReadOnlyList<ProducerRule> Rules => _book.Rules;

    /// <summary>Puts rules in the place of all that were there; failures are counted from the beginning.</summary>
    /// <param name="rules">The new rules.</param>
    public void Replace(IReadOnlyList<ProducerRule> rules) => _book = new RuleBook(rules);

    /// <summary>The rule for one fetch, and whether it makes that fetch fail.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="number">The subject's policy number.</param>
    public (ProducerRule? Rule, bool Fails) Next(string subject, long number)
    {
        var book = _book;
        return book.Find(subject, number) is { } rule ? (rule, rule.FailAlways || book.CountsAsFailure(rule, subject)) : default;
    }

    private sealed class RuleBook(IReadOnlyList<ProducerRule> rules)
    {
        private readonly Dictionary<string, ProducerRule> _subjects =
            rules.Where(r => r.Subject is not null).GroupBy(r => r.Subject!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);

        private readonly ProducerRule[] _ranges = [.. rules.Where(r => r.From is not null)];
        private readonly ProducerRule? _all = rules.LastOrDefault(r => r.Subject is null && r.From is null);
        private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);

        public IReadOnlyList<ProducerRule> Rules => rules;

        public ProducerRule? Find(string subject, long number)
        {
            if (rules.Count == 0)
            {
                return null;
            }

            if (_subjects.TryGetValue(subject, out var own))
            {
                return own;
            }

            foreach (var range in _ranges)
            {
                if (range.From <= number && number <= range.To)
                {
                    return range;
                }
            }

            return _all;
        }

        public bool CountsAsFailure(ProducerRule rule, string subject) =>
            rule.Failures > 0 && _failures.AddOrUpdate(subject, 1, (_, count) => count + 1) <= rule.Failures;
    }
}
