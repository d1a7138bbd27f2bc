using System.Reflection;
using System.Runtime.CompilerServices;

namespace NeuralNet.Tests.BadInputs;

public class BadInputTests
{
    public static TheoryData<string> Refused => [.. BadInputTable.Rows.Where(row => row.Exception is not null).Select(row => row.Name)];

    public static TheoryData<string> Accepted => [.. BadInputTable.Rows.Where(row => row.Exception is null).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Refused))]
    public void BadInputIsRefusedInWordsBeforeAnythingChanges(string name)
    {
        var row = BadInputTable.Rows.Single(row => row.Name == name);
        var scene = new BadInputScene();
        string before = scene.Fingerprint();

        var exception = Record.Exception(() => row.Call(scene));

        exception.Should().BeOfType(row.Exception);
        exception!.Message.Should().ContainAll(row.Says);
        if (exception is ArgumentException { ParamName: var parameter })
        {
            // A layer that refuses a shape names its own parameter, input, at whichever door of the network it is asked.
            string member = row.Parameter[..row.Parameter.IndexOf('(')];
            PublicParameters().Where(key => key.StartsWith($"{member}(", StringComparison.Ordinal)).Append($"{member}(input)")
                .Should().Contain($"{member}({parameter})");
        }

        scene.Fingerprint().Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void EveryOtherValueIsTaken(string name) =>
        BadInputTable.Rows.Single(row => row.Name == name).Invoking(row => row.Call(new BadInputScene())).Should().NotThrow();

    [Fact]
    public void EveryPublicParameterHasARow()
    {
        var covered = BadInputTable.Rows.Select(row => row.Parameter).ToHashSet();

        string.Join(" | ", PublicParameters(withContracts: false).Except(covered))
            .Should().BeEmpty("each public parameter needs a row in BadInputTable: what is refused, or that everything is taken");
        covered.Except(PublicParameters()).Should().BeEmpty("each row is for a parameter that exists");
    }

    /// <summary>Type.Member(parameter); where overloads share a parameter's name, Type.Member[all its parameters](parameter).</summary>
    private static IReadOnlyList<string> PublicParameters(bool withContracts = true)
    {
        // What layers inherit of the contract is tested of each layer, over the catalogue.
        Type[] contracts = [typeof(BatchLayer), typeof(CompositeLayer)];

        // What several types share needs a row for each of them.
        Type[] shared = [typeof(AdamOptimizer), typeof(NormLayer), typeof(PoolLayer), typeof(WeightedLayer)];
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
        var parameters = from type in typeof(Network).Assembly.GetExportedTypes()
                         where type.Namespace == "NeuralNet" && !type.IsSubclassOf(typeof(Delegate)) && !type.IsByRefLike
                             && !contracts.Contains(type) && !shared.Contains(type)
                         from method in type.GetMembers(Public).OfType<MethodBase>()
                         where method.DeclaringType == type || shared.Contains(method.DeclaringType)
                             || (withContracts && contracts.Contains(method.DeclaringType))
                         where !method.IsAbstract && !method.IsDefined(typeof(CompilerGeneratedAttribute))
                         from parameter in method.GetParameters()
                         let member = $"{type.Name}.{method.Name.Replace(".ctor", "ctor").Replace("set_", "")}"
                         let all = string.Join(' ', method.GetParameters().Select(one => one.Name))
                         group (Member: member, All: all, parameter.Name) by $"{member}({parameter.Name})";
        return
        [
            .. parameters.SelectMany(same => same.Count() == 1 ? [same.Key] : same.Select(one => $"{one.Member}[{one.All}]({one.Name})"))
        ];
    }
}
