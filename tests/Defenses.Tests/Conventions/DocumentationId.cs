using System.Reflection;

namespace Defenses.Tests.Conventions;

/// <summary>The name that compilers and analyzers give a member: M:Space.Type.Method(System.Int64,...).</summary>
internal static class DocumentationId
{
    public static string Of(MethodInfo method)
    {
        var arity = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        var parameters = string.Join(',', method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
        return $"M:{Name(method.DeclaringType!)}.{method.Name}{arity}{(parameters.Length > 0 ? $"({parameters})" : "")}";
    }

    public static string Of(Type type) => "T:" + Name(type);

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        }

        if (type.HasElementType)
        {
            return Name(type.GetElementType()!) + (type.IsByRef ? "@" : type.IsPointer ? "*" : "[]");
        }

        var above = type.DeclaringType is { } outer ? Name(outer) : type.Namespace;
        var arguments = type.IsGenericType && !type.IsGenericTypeDefinition ? $"{{{string.Join(',', type.GetGenericArguments().Select(Name))}}}" : "";
        return $"{above}.{type.Name.Split('`')[0]}{arguments}";
    }
}
