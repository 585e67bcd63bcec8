using Defenses.Evaluation.Checks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Conventions;

/// <summary>Which types must have a test class that derives from which contract.</summary>
internal static class ContractCoverage
{
    /// <summary>
    /// One sentence for each of <paramref name="subjects"/> without a concrete, public class (others do not run) in <paramref name="tests"/> that derives from
    /// <paramref name="contract"/> (found by name, generic or not) and is about it: by a type argument of the contract, or by the name TYPETests.
    /// </summary>
    public static IEnumerable<string> Missing(IEnumerable<Type> subjects, string contract, IReadOnlyCollection<Type> tests) =>
        from subject in subjects
        where !tests.Any(test => !test.IsAbstract && test.IsVisible && Contract(test, contract) is { } found && IsAbout(test, found, subject))
        select $"{subject.FullName} has no test class that derives from {contract}: write {PlainName(subject)}Tests.";

    /// <summary>One sentence for each of <paramref name="named"/> that no <see cref="CheckContract"/> in <paramref name="tests"/> is about, by title.</summary>
    public static IEnumerable<string> Untested(IEnumerable<Check> named, IEnumerable<Type> tests)
    {
        var tested = tests.Where(type => type.IsSubclassOf(typeof(CheckContract)) && !type.IsAbstract)
            .Select(type => ((CheckContract)Activator.CreateInstance(type)!).Tested.Title).ToHashSet();
        return named.Where(check => !tested.Contains(check.Title))
            .Select(check => $"The check '{check.Title}' has no test class that derives from {nameof(CheckContract)}.");
    }

    private static Type? Contract(Type test, string contract)
    {
        for (var type = test.BaseType; type is not null; type = type.BaseType)
        {
            if (PlainName(type) == contract)
            {
                return type;
            }
        }

        return null;
    }

    private static bool IsAbout(Type test, Type contract, Type subject) =>
        contract.GetGenericArguments().Any(argument => argument == subject || (argument.IsGenericType && argument.GetGenericTypeDefinition() == subject))
        || PlainName(test) == PlainName(subject) + "Tests";

    private static string PlainName(Type type) => type.Name.Split('`')[0];
}
