// Who signed a file, as others read it: the JDK's own PKCS #7 and JAR readers, and Android's library for APK files.
//
// Each line of the input is an Android's SDK, the path of an APK file, and the paths of a signature file and of the list
// that it signs, by tabs. Each line of the output is the reader, the path, and the SHA-256 of the certificates; nothing
// behind the path where the reader does not hold the signature good.

import com.android.apksig.ApkVerifier;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import sun.security.pkcs.PKCS7;
import sun.security.pkcs.SignerInfo;

public class Signers {
    interface Reader {
        void read(TreeSet<String> found) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            int sdk = Integer.parseInt(words[0]);
            File apk = new File(words[1]);
            tell("apksig", apk, found -> library(apk, sdk, found));
            if (!words[2].isEmpty()) {
                tell("jar", apk, found -> jar(apk, found));
                tell("pkcs7", apk, found -> block(Path.of(words[2]), Path.of(words[3]), found));
            }
        }
    }

    static void tell(String reader, File apk, Reader read) {
        TreeSet<String> found = new TreeSet<>();
        try {
            read.read(found);
        } catch (Exception | StackOverflowError problem) {
            found.clear();
        }
        System.out.println(reader + "\t" + apk + "\t" + String.join(" ", found));
    }

    static void library(File apk, int sdk, TreeSet<String> found) throws Exception {
        ApkVerifier.Builder builder = new ApkVerifier.Builder(apk);
        ApkVerifier.Result result =
                builder.setMinCheckedPlatformVersion(sdk).setMaxCheckedPlatformVersion(sdk).build().verify();
        if (result.isVerified()) {
            for (Certificate certificate : result.getSignerCertificates()) {
                found.add(digest(certificate));
            }
        }
    }

    static void jar(File apk, TreeSet<String> found) throws Exception {
        try (JarFile file = new JarFile(apk, true)) {
            JarEntry entry = file.getJarEntry("AndroidManifest.xml");
            try (InputStream content = file.getInputStream(entry)) {
                content.readAllBytes();
            }
            CodeSigner[] signers = entry.getCodeSigners();
            if (signers != null) {
                for (CodeSigner signer : signers) {
                    found.add(digest(signer.getSignerCertPath().getCertificates().get(0)));
                }
            }
        }
    }

    static void block(Path file, Path list, TreeSet<String> found) throws Exception {
        PKCS7 block = new PKCS7(Files.readAllBytes(file));
        SignerInfo[] good = block.verify(Files.readAllBytes(list));
        if (good != null && good.length > 0) {
            found.add(digest(good[0].getCertificate(block)));
        }
    }

    static String digest(Certificate certificate) throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte one : MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())) {
            hex.append(String.format("%02x", one));
        }
        return hex.toString();
    }
}
