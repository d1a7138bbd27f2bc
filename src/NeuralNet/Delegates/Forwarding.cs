using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace NeuralNet.Delegates;

/// <summary>Tells whether a delegate is another one in disguise: <c>x => F(x)</c> for F, a delegate made of a delegate, or the closure
/// that F# makes of a method.</summary>
/// <remarks>
/// Nothing is called for it: a method that does nothing but pass its arguments on and return the result is known by its code, so that a
/// function is never taken for one that it only agrees with here and there.
/// Where there is no code to read, as in a native binary, such a method is what it seems: another function.
/// </remarks>
internal static class Forwarding
{
    /// <summary>Methods that pass on to a method that passes on, and so on, are followed so far.</summary>
    private const int Longest = 8;

    /// <summary>Whether calling <paramref name="given"/> is calling <paramref name="known"/>, a delegate of a static method.</summary>
    public static bool Leads(Delegate given, Delegate known)
    {
        if (known.Equals(given))
        {
            return true;
        }

        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            return false;
        }

        while (given is { HasSingleTarget: true, Target: Delegate inner, Method: { Name: nameof(Action.Invoke), IsStatic: false } })
        {
            given = inner;
        }

        if (!given.HasSingleTarget)
        {
            return false;
        }

        var method = given.Method;
        for (int i = 0; i < Longest && method != known.Method && CalledBy(method) is { } next; i++)
        {
            method = next;
        }

        return method == known.Method;
    }

    /// <summary>The static method that a method passes all of its arguments on to, in their order, and does nothing else; null where it
    /// does anything else.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification =
        "A body that trimming changed or took away is not recognised, and the function is taken for a user's own.")]
    private static MethodInfo? CalledBy(MethodInfo method)
    {
        try
        {
            byte[]? code = method.GetMethodBody()?.GetILAsByteArray();
            var called = code is not null && CallIn(code, method) is { } token ? method.Module.ResolveMethod(token) as MethodInfo : null;
            return called is { IsStatic: true } && TakesTheSame(called, method) ? called : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A method without code that can be read, such as a compiled expression's.
            return null;
        }
    }

    private static bool TakesTheSame(MethodInfo called, MethodInfo method) =>
        called.ReturnType == method.ReturnType && ParametersOf(called).SequenceEqual(ParametersOf(method));

    private static IEnumerable<Type> ParametersOf(MethodInfo method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType);

    /// <summary>The token of the call in code of the form `load each argument, call, return`; a debug build's detour by a local variable
    /// is the same.</summary>
    private static int? CallIn(ReadOnlySpan<byte> code, MethodInfo method)
    {
        SkipNothings(ref code);
        int first = method.IsStatic ? 0 : 1;
        for (int argument = first; argument < first + method.GetParameters().Length; argument++)
        {
            if (!Skip(ref code, (byte)(OpCodes.Ldarg_0.Value + argument)))
            {
                return null;
            }
        }

        _ = Skip(ref code, (byte)((ushort)OpCodes.Tailcall.Value >> 8), (byte)OpCodes.Tailcall.Value);
        if (!Skip(ref code, (byte)OpCodes.Call.Value) || !BinaryPrimitives.TryReadInt32LittleEndian(code, out int token))
        {
            return null;
        }

        code = code[sizeof(int)..];
        SkipNothings(ref code);
        if (Skip(ref code, (byte)OpCodes.Stloc_0.Value))
        {
            _ = Skip(ref code, (byte)OpCodes.Br_S.Value, 0);
            _ = Skip(ref code, (byte)OpCodes.Ldloc_0.Value);
        }

        return code is [var last] && last == OpCodes.Ret.Value ? token : null;
    }

    private static void SkipNothings(ref ReadOnlySpan<byte> code) => code = code.TrimStart((byte)OpCodes.Nop.Value);

    private static bool Skip(ref ReadOnlySpan<byte> code, params ReadOnlySpan<byte> expected)
    {
        bool found = code.StartsWith(expected);
        code = found ? code[expected.Length..] : code;
        return found;
    }
}
