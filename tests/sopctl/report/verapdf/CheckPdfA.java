import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/** Says of each PDF named whether it is PDF/A-3b: a line "FILE: compliant", or one line for each rule broken. */
public class CheckPdfA {
    public static void main(String[] files) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.fromString("3b");
        ValidationProfile profile = Profiles.profileFromXml(
                CheckPdfA.class.getResourceAsStream("/org/verapdf/pdfa/validation/PDFA-3B.xml"));
        for (String file : files) {
            try (InputStream stream = new FileInputStream(new File(file));
                    PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour);
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
                ValidationResult result = validator.validate(parser);
                TreeSet<String> broken = new TreeSet<>();
                for (TestAssertion one : result.getTestAssertions()) {
                    if (one.getStatus() == TestAssertion.Status.FAILED) {
                        broken.add(one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + " "
                                + one.getMessage() + " at " + one.getLocation().getContext());
                    }
                }
                System.out.println(file + ": " + (result.isCompliant() ? "compliant" : "NOT PDF/A-3b"));
                for (String one : broken) {
                    System.out.println(file + ":   " + one);
                }
            }
        }
    }
}
