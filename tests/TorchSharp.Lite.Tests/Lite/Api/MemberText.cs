using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchSharp.Lite.Tests.Lite.Api;

// Spells what a type shows to others, one member a line, as the listing in Data/api.txt does after "TYPE :: ".
internal static class MemberText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static bool Shows(Type type) => type.IsNested
        ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && Shows(type.DeclaringType!)
        : type.IsPublic;

    internal static string Kind(Type type) =>
        type.IsInterface ? "interface" : type.IsEnum ? "enum" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class" : "class";

    internal static IEnumerable<string> Of(Type type)
    {
        if (Kind(type) == "delegate") return [];
        if (type.IsEnum) return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"enum {field.Name} = {field.GetRawConstantValue()}");
        return [
            .. type.GetConstructors(Declared).Where(ctor => !ctor.IsStatic && Access(ctor) is not null)
                .Select(ctor => $"ctor {Access(ctor)} {type.Name.Split('`')[0]}({Parameters(ctor)})"),
            .. type.GetFields(Declared).Where(field => Access(field) is not null).Select(Field),
            .. type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(accessor => Access(accessor) is not null)).Select(Property),
            .. type.GetMethods(Declared).Where(IsShown).Select(Method),
        ];
    }

    private static bool IsShown(MethodInfo method) => Access(method) is not null && method.Name != "Finalize" && method.Name[0] != '<'
        && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static string? Access(MethodBase? method) => method is null ? null
        : method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;

    private static string? Access(FieldInfo field) =>
        field.IsPublic ? "public" : field.IsFamily || field.IsFamilyOrAssembly ? "protected" : null;

    private static string Field(FieldInfo field)
    {
        var kind = field.IsLiteral ? " const" : (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        var value = field.IsLiteral ? $" = {TypeText.Literal(field.GetRawConstantValue(), field.FieldType)}" : "";
        return $"field {Access(field)}{kind} {TypeText.Of(field.FieldType, field)} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        var access = Access(property.GetMethod) ?? Access(property.SetMethod);
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        var fixedAtStart = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(type => type.Name == "IsExternalInit") == true;
        var setter = Access(property.SetMethod) is not { } own ? "" : (own == access ? "" : $" {own}") + (fixedAtStart ? " init;" : " set;");
        var getter = Access(property.GetMethod) is null ? "" : " get;";
        var isStatic = (property.GetMethod ?? property.SetMethod)!.IsStatic ? " static" : "";
        return $"property {access}{isStatic} {TypeText.Of(property.PropertyType, property)} {name} {{{getter}{setter} }}";
    }

    private static string Method(MethodInfo method)
    {
        var name = method.Name.StartsWith("op_", StringComparison.Ordinal) ? $"operator {method.Name[3..]}" : method.Name;
        var generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(type => type.Name))}>" : "";
        return $"method {Access(method)}{(method.IsStatic ? " static" : "")} {TypeText.Of(method.ReturnType, method.ReturnParameter)} {name}{generic}"
            + $"({Parameters(method)}){string.Concat(method.GetGenericArguments().Select(Constraints))}";
    }

    private static string Parameters(MethodBase method)
    {
        var text = string.Join(", ", method.GetParameters().Select(Parameter));
        return method.IsDefined(typeof(ExtensionAttribute), false) ? "this " + text : text;
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var mode = parameter.ParameterType.IsByRef ? parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "";
        var value = parameter.HasDefaultValue ? $" = {TypeText.Literal(parameter.DefaultValue, parameter.ParameterType)}" : "";
        return $"{mode}{TypeText.Of(parameter.ParameterType, parameter)} {parameter.Name}{value}";
    }

    private static string Constraints(Type parameter)
    {
        var flags = parameter.GenericParameterAttributes;
        var isValue = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var parts = new List<string>();
        if (isValue) parts.Add(parameter.GetCustomAttributesData().Any(data => data.AttributeType.Name == "IsUnmanagedAttribute") ? "unmanaged" : "struct");
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) parts.Add("class");
        parts.AddRange(parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(type => TypeText.Of(type)));
        if (!isValue && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) parts.Add("new()");
        return parts.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", parts)}";
    }
}
