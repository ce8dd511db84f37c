using System.Collections;
using System.Reflection;

namespace EventFunctions.Simulation.Judging;

/// <summary>Counts what an instance keeps in memory: the items of every collection that its services reach.</summary>
internal static class Holdings
{
    private static readonly string[] Skipped = ["System.Text.", "System.Globalization", "System.Reflection", "System.Diagnostics", "Microsoft.Extensions."];

    [ThreadStatic]
    private static Dictionary<Type, FieldInfo[]>? _fields;

    /// <summary>Returns how many items lie in the collections of each field.</summary>
    public static IReadOnlyDictionary<string, int> Count(IEnumerable<object> services)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(object Value, string Holder)>();
        foreach (var service in services)
        {
            Push(service, service.GetType().Name);
        }

        while (open.TryPop(out var one))
        {
            var (value, holder) = one;
            if (!seen.Add(value))
            {
                continue;
            }

            // A set of bits has a fixed size.
            if (value is ICollection and not (Array or BitArray))
            {
                counts[holder] = counts.GetValueOrDefault(holder) + ((ICollection)value).Count;
            }

            if (value is Array array)
            {
                foreach (var item in array)
                {
                    Push(item, holder);
                }

                continue;
            }

            var type = value.GetType();
            var isOurs = type.FullName!.StartsWith("EventFunctions.", StringComparison.Ordinal);
            foreach (var field in FieldsOf(type))
            {
                Push(field.GetValue(value), isOurs ? $"{type.FullName}.{field.Name}" : holder);
            }
        }

        return counts;

        void Push(object? value, string holder)
        {
            if (value is not null && IsFollowed(value.GetType()))
            {
                open.Push((value, holder));
            }
        }
    }

    // Not into the simulation, nor into what the framework shares between all instances.
    private static bool IsFollowed(Type type) =>
        !IsPlain(type) && !typeof(MemberInfo).IsAssignableFrom(type) && type.Assembly != typeof(Holdings).Assembly
        && !(type.IsArray && IsPlain(type.GetElementType()!))
        && !Array.Exists(Skipped, name => type.FullName!.StartsWith(name, StringComparison.Ordinal));

    private static bool IsPlain(Type type) => type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsByRefLike || type == typeof(string);

    private static FieldInfo[] FieldsOf(Type type)
    {
        _fields ??= [];
        if (!_fields.TryGetValue(type, out var fields))
        {
            _fields[type] = fields =
            [
                .. BasesOf(type).SelectMany(one => one.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    .Where(field => !IsPlain(field.FieldType)),
            ];
        }

        return fields;
    }

    private static IEnumerable<Type> BasesOf(Type type)
    {
        for (Type? one = type; one is not null && one != typeof(object); one = one.BaseType)
        {
            yield return one;
        }
    }
}
