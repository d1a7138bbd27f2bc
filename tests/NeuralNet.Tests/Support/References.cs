using System.Reflection;
using System.Reflection.Emit;

namespace NeuralNet.Tests.Support;

/// <summary>
/// The types that the compiled code of a type refers to: by what it is derived from, its fields, its signatures and what its methods do.
/// </summary>
internal static class References
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_codes =
        typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The types of the assembly in a namespace, those that the compiler has made within them among them.</summary>
    public static Type[] TypesOf(Assembly assembly, string name) => [.. assembly.GetTypes().Where(type => type.Namespace == name)];

    /// <summary>The types of the same assembly that a type refers to; those without a namespace are the compiler's own.</summary>
    public static HashSet<Type> Of(Type type) =>
    [
        .. Direct(type).SelectMany(Parts).Where(one => one.Assembly == type.Assembly && one.Namespace is not null),
    ];

    private static IEnumerable<Type> Direct(Type type) =>
    [
        .. new[] { type.BaseType }.OfType<Type>(),
        .. type.GetInterfaces(),
        .. type.GetGenericArguments()
            .SelectMany(argument => argument.IsGenericParameter ? argument.GetGenericParameterConstraints() : [argument]),
        .. type.GetFields(All).Select(field => field.FieldType),
        .. type.GetMethods(All).SelectMany(method => Signature(method).Append(method.ReturnType)),
        .. type.GetConstructors(All).SelectMany(Signature),
        .. type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).Append(type.TypeInitializer).OfType<MethodBase>()
            .SelectMany(Body),
    ];

    private static IEnumerable<Type> Signature(MethodBase method) => method.GetParameters().Select(parameter => parameter.ParameterType);

    /// <summary>What a type is made of: elements of arrays, arguments of generics, and the types it is nested in.</summary>
    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { IsGenericParameter: true } => type.GetGenericParameterConstraints().SelectMany(Parts),
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericType: true } =>
            type.GetGenericArguments().Where(argument => !argument.IsGenericParameter).SelectMany(Parts).Append(type),
        _ => [type],
    };

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            yield break;
        }

        foreach (var local in body.LocalVariables)
        {
            yield return local.LocalType;
        }

        for (int at = 0; at < code.Length;)
        {
            var operation = s_codes[code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType
                or OperandType.InlineTok)
            {
                foreach (var type in Member(method, BitConverter.ToInt32(code, at)))
                {
                    yield return type;
                }
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Member(MethodBase method, int token)
    {
        var ofType = method.DeclaringType!.GetGenericArguments();
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        var member = method.Module.ResolveMember(token, ofType, ofMethod)!;
        return member switch
        {
            Type type => [type],
            FieldInfo field => [field.FieldType, field.DeclaringType!],
            MethodInfo called => [called.ReturnType, called.DeclaringType!, .. Signature(called), .. called.GetGenericArguments()],
            MethodBase called => [called.DeclaringType!, .. Signature(called)],
            _ => [],
        };
    }
}
