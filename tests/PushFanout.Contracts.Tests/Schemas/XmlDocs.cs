using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PushFanout.Contracts.Tests.Schemas;

/// <summary>The summaries of the XML documentation as plain text, with fields called as they are in JSON.</summary>
internal static class XmlDocs
{
    private static readonly Dictionary<string, XElement> Summaries = XDocument
        .Load(Path.ChangeExtension(typeof(NotificationRequested).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    public static string Of(Type type) => TextOf(Summaries[$"T:{type.FullName}"]);

    public static string Of(PropertyInfo property) => TextOf(Summaries[$"P:{property.DeclaringType!.FullName}.{property.Name}"]);

    public static string Of(FieldInfo field) => TextOf(Summaries[$"F:{field.DeclaringType!.FullName}.{field.Name}"]);

    private static string TextOf(XElement summary) =>
        Regex.Replace(string.Concat(summary.Nodes().Select(TextOf)), @"\s+", " ").Trim();

    private static string TextOf(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" } see => NameOf(see.Attribute("cref")!.Value),
        XElement element => $"`{element.Value}`",
        _ => node.ToString(),
    };

    // A property is called as its field, an enum value as its word, a constant is its value; a type keeps its name.
    private static string NameOf(string reference)
    {
        var name = reference[(reference.LastIndexOf('.') + 1)..];
        return reference[0] switch
        {
            'P' => JsonNamingPolicy.CamelCase.ConvertName(name),
            'F' => ValueOf(typeof(NotificationRequested).Assembly.GetType(reference[2..reference.LastIndexOf('.')])!.GetField(name)!),
            _ => name,
        };
    }

    private static string ValueOf(FieldInfo field) => field.DeclaringType!.IsEnum ? field.Name.ToLowerInvariant() : $"{field.GetRawConstantValue()}";
}
