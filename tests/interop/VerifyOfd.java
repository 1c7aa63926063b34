// SPDX-License-Identifier: Apache-2.0
// An independent check of sealed OFD files: Java and BouncyCastle (Debian libbcprov-java), no
// line of the project's own verifier. One line for each check; exit 0 only if all hold.
//
//   java -cp /usr/share/java/bcprov.jar VerifyOfd.java TRUST_DIR FILE...
//
// TRUST_DIR holds seal-makers.pem and signers.pem: every intermediate and the root.
// Standards: GB/T 33190 clause 18, GB/T 38540-2020 (V4), SM2 with the default user id.
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class VerifyOfd {
  static final String OFD = "http://www.ofdspec.org/2016";
  static final String SM2_WITH_SM3 = "1.2.156.10197.1.501";
  static final String SM3 = "1.2.156.10197.1.401";

  static final class Trust {
    final List<X509Certificate> makers, signers;

    Trust(Path dir) throws Exception {
      makers = certificates(Files.readAllBytes(dir.resolve("seal-makers.pem")));
      signers = certificates(Files.readAllBytes(dir.resolve("signers.pem")));
    }
  }

  private final String file;
  private final Trust trust;
  private boolean good = true;

  VerifyOfd(String file, Trust trust) {
    this.file = file;
    this.trust = trust;
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      System.err.println("VerifyOfd TRUST_DIR FILE...");
      System.exit(2);
    }
    Security.addProvider(new BouncyCastleProvider());
    Trust trust = new Trust(Path.of(args[0]));
    boolean all = true;
    for (String file : Arrays.copyOfRange(args, 1, args.length)) {
      VerifyOfd one = new VerifyOfd(file, trust);
      try {
        one.verify();
      } catch (Exception e) {
        one.check(false, "readable", e.toString());
      }
      System.out.println((one.good ? "GOOD " : "BAD  ") + file);
      all &= one.good;
    }
    System.exit(all ? 0 : 1);
  }

  private void check(boolean holds, String what, String detail) {
    System.out.println("  " + (holds ? "ok    " : "FAIL  ") + what
        + (detail.isEmpty() ? "" : ": " + detail));
    good &= holds;
  }

  private void verify() throws Exception {
    Map<String, byte[]> files = unzip();
    check(files.containsKey("OFD.xml"), "zip", files.size() + " files");

    Element ofd = xml(files.get("OFD.xml"));
    String listPath = resolve("OFD.xml", text(ofd, "Signatures"));
    Element list = xml(need(files, listPath));
    NodeList entries = list.getElementsByTagNameNS(OFD, "Signature");
    check(entries.getLength() == 1, "one signature", "");
    String signaturePath =
        resolve(listPath, ((Element) entries.item(0)).getAttribute("BaseLoc"));
    byte[] signatureXml = need(files, signaturePath);
    Element signature = xml(signatureXml);
    String valuePath = resolve(signaturePath, text(signature, "SignedValue"));
    check(text(signature, "SignatureMethod").equals(SM2_WITH_SM3), "SignatureMethod", "");
    Set<String> covered = references(files, signature);
    coverage(files.keySet(), covered, Set.of(signaturePath, valuePath));
    seal(files, signaturePath, signature, signatureXml, need(files, valuePath));
  }

  private Map<String, byte[]> unzip() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file)) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        try (InputStream in = zip.getInputStream(entry)) {
          // Reading to the end checks the CRC.
          if (files.put(entry.getName(), in.readAllBytes()) != null) {
            throw new IOException("two entries named " + entry.getName());
          }
        }
      }
    }
    return files;
  }

  private Set<String> references(Map<String, byte[]> files, Element signature) throws Exception {
    Element references = (Element) signature.getElementsByTagNameNS(OFD, "References").item(0);
    check(references.getAttribute("CheckMethod").equals(SM3), "CheckMethod", "");
    NodeList all = references.getElementsByTagNameNS(OFD, "Reference");
    Set<String> covered = new HashSet<>();
    int wrong = 0;
    for (int i = 0; i < all.getLength(); i++) {
      Element reference = (Element) all.item(i);
      String path = resolve("", reference.getAttribute("FileRef"));
      byte[] content = files.get(path);
      byte[] expected = Base64.getDecoder().decode(text(reference, "CheckValue"));
      boolean same = content != null && covered.add(path)
          && MessageDigest.isEqual(expected, sm3(content));
      if (!same) {
        wrong++;
        check(false, "reference", path);
      }
    }
    check(wrong == 0 && all.getLength() > 0, "References", all.getLength() + " digests (SM3)");
    return covered;
  }

  private void coverage(Set<String> files, Set<String> covered, Set<String> free) {
    Set<String> open = new HashSet<>(files);
    open.removeAll(covered);
    open.removeAll(free);
    check(open.isEmpty(), "every file covered", open.isEmpty() ? "" : open.toString());
  }

  // SES_Signature ::= SEQUENCE{ toSign, cert, algorithm, signature, [0] timeStamp OPTIONAL }
  private void seal(Map<String, byte[]> files, String signaturePath, Element signature,
      byte[] signatureXml, byte[] value) throws Exception {
    ASN1Sequence ses = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(value));
    check(Arrays.equals(ses.getEncoded(ASN1Encoding.DER), value), "SignedValue is DER", "");
    ASN1Sequence toSign = ASN1Sequence.getInstance(ses.getObjectAt(0));
    check(integer(toSign, 0) == 4, "SES_Signature version 4", "");
    ASN1Sequence seal = ASN1Sequence.getInstance(toSign.getObjectAt(1));
    Date time = ASN1GeneralizedTime.getInstance(toSign.getObjectAt(2)).getDate();
    byte[] dataHash = ASN1BitString.getInstance(toSign.getObjectAt(3)).getOctets();
    String property = ASN1IA5String.getInstance(toSign.getObjectAt(4)).getString();
    check(Arrays.equals(dataHash, sm3(signatureXml)), "dataHash", "SM3 of Signature.xml");
    check(property.equals("/" + signaturePath), "propertyInfo", property);

    byte[] signerDer = ASN1OctetString.getInstance(ses.getObjectAt(1)).getOctets();
    X509Certificate signer = certificates(signerDer).get(0);
    check(oid(ses, 2).equals(SM2_WITH_SM3), "signature algorithm", oid(ses, 2));
    check(holds(signer, toSign.getEncoded(ASN1Encoding.DER),
        ASN1BitString.getInstance(ses.getObjectAt(3)).getOctets()),
        "document signature", "SM3withSM2");

    Element named = (Element) signature.getElementsByTagNameNS(OFD, "Seal").item(0);
    if (named != null) {
      byte[] esl = need(files, resolve(signaturePath, text(named, "BaseLoc")));
      check(Arrays.equals(esl, seal.getEncoded(ASN1Encoding.DER)), "Seal.esl is the sealed one",
          "");
    }
    eSeal(seal, signerDer, time);
    chain(signer, trust.signers, time, "signer");
    SimpleDateFormat format = new SimpleDateFormat("yyyyMMddHHmmss'Z'");
    format.setTimeZone(TimeZone.getTimeZone("UTC"));
    check(text(signature, "SignatureDateTime").equals(format.format(time)),
        "signing time", format.format(time));
    check(!time.after(new Date()), "signing time is not in the future", "");
  }

  // SESeal ::= SEQUENCE{ eSealInfo, cert, algorithm, signedValue }
  private void eSeal(ASN1Sequence seal, byte[] signerDer, Date time) throws Exception {
    ASN1Sequence info = ASN1Sequence.getInstance(seal.getObjectAt(0));
    ASN1Sequence header = ASN1Sequence.getInstance(info.getObjectAt(0));
    check(ASN1IA5String.getInstance(header.getObjectAt(0)).getString().equals("ES")
        && integer(header, 1) == 4, "seal header ES version 4", "");
    X509Certificate maker =
        certificates(ASN1OctetString.getInstance(seal.getObjectAt(1)).getOctets()).get(0);
    check(oid(seal, 2).equals(SM2_WITH_SM3), "seal algorithm", oid(seal, 2));
    check(holds(maker, info.getEncoded(ASN1Encoding.DER),
        ASN1BitString.getInstance(seal.getObjectAt(3)).getOctets()),
        "seal signature over eSealInfo", "SM3withSM2");

    ASN1Sequence property = ASN1Sequence.getInstance(info.getObjectAt(2));
    boolean listed = false;
    for (Object allowed : ASN1Sequence.getInstance(property.getObjectAt(3))) {
      listed |= Arrays.equals(ASN1OctetString.getInstance(allowed).getOctets(), signerDer);
    }
    check(integer(property, 2) == 1 && listed, "signer is in certList", "");
    Date created = ASN1GeneralizedTime.getInstance(property.getObjectAt(4)).getDate();
    Date from = ASN1GeneralizedTime.getInstance(property.getObjectAt(5)).getDate();
    Date until = ASN1GeneralizedTime.getInstance(property.getObjectAt(6)).getDate();
    check(!time.before(from) && !time.after(until), "seal valid at signing time", "");
    chain(maker, trust.makers, created, "seal maker");
  }

  // To a self-signed anchor, link by link; `at` must lie in the validity of every link.
  private void chain(X509Certificate leaf, List<X509Certificate> trusted, Date at, String who)
      throws Exception {
    X509Certificate current = leaf;
    for (int depth = 0; depth < 8; depth++) {
      current.checkValidity(at);
      X509Certificate issuer = null;
      for (X509Certificate candidate : trusted) {
        if (candidate.getSubjectX500Principal().equals(current.getIssuerX500Principal())
            && candidate.getBasicConstraints() >= 0 && certified(current, candidate)) {
          issuer = candidate;
        }
      }
      if (issuer == null) break;
      if (issuer.getSubjectX500Principal().equals(issuer.getIssuerX500Principal())) {
        issuer.checkValidity(at);
        boolean[] usage = leaf.getKeyUsage();
        check(usage != null && usage[0] && leaf.getBasicConstraints() < 0, who + " chain",
            leaf.getSubjectX500Principal().getName() + ", " + (depth + 2) + " certificates");
        return;
      }
      current = issuer;
    }
    check(false, who + " chain", "no path to an anchor");
  }

  private static boolean certified(X509Certificate certificate, X509Certificate issuer) {
    try {
      Signature verifier = Signature.getInstance("SM3withSM2", "BC");
      verifier.initVerify(issuer.getPublicKey());
      verifier.update(certificate.getTBSCertificate());
      return verifier.verify(certificate.getSignature());
    } catch (Exception e) {
      return false;
    }
  }

  // BouncyCastle's SM3withSM2 uses the user id 1234567812345678.
  private static boolean holds(X509Certificate by, byte[] message, byte[] signature)
      throws Exception {
    Signature verifier = Signature.getInstance("SM3withSM2", "BC");
    verifier.initVerify(by.getPublicKey());
    verifier.update(message);
    return verifier.verify(signature);
  }

  private static byte[] sm3(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SM3", "BC").digest(bytes);
  }

  private static long integer(ASN1Sequence sequence, int index) {
    return ASN1Integer.getInstance(sequence.getObjectAt(index)).longValueExact();
  }

  private static String oid(ASN1Sequence sequence, int index) {
    return ASN1ObjectIdentifier.getInstance(sequence.getObjectAt(index)).getId();
  }

  private static List<X509Certificate> certificates(byte[] pemOrDer) throws Exception {
    Collection<?> parsed = CertificateFactory.getInstance("X.509", "BC")
        .generateCertificates(new ByteArrayInputStream(pemOrDer));
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object certificate : parsed) certificates.add((X509Certificate) certificate);
    return certificates;
  }

  private static Element xml(byte[] bytes) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
    return document.getDocumentElement();
  }

  private static String text(Element parent, String name) throws IOException {
    NodeList found = parent.getElementsByTagNameNS(OFD, name);
    if (found.getLength() == 0) throw new IOException("no element " + name);
    return found.item(0).getTextContent().trim();
  }

  private static byte[] need(Map<String, byte[]> files, String path) throws IOException {
    byte[] content = files.get(path);
    if (content == null) throw new IOException("no file " + path);
    return content;
  }

  // A leading slash is the package root, else relative to the directory of the naming file.
  private static String resolve(String from, String reference) {
    if (reference.startsWith("/")) return reference.substring(1);
    int slash = from.lastIndexOf('/');
    return (slash < 0 ? "" : from.substring(0, slash + 1)) + reference;
  }
}
